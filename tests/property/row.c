/* row.c: between cells and the members of a row, by the column's descriptor alone. A row that was
 * put lends the bytes of its cells; a cell that was taken has its own. */
#include "property.h"

static bool
has_flag(const cleat_column *column)
{
    return (column->flags & CLEAT_NULLABLE) && column->kind != CLEAT_KIND_TEXT &&
           column->kind != CLEAT_KIND_JSON && column->kind != CLEAT_KIND_BLOB;
}

void
row_put(const struct column_model *model, void *row, const struct cell *cell)
{
    const cleat_column *column = model->column;
    char *member = (char *)row + column->offset;
    cleat_blob blob = {cell->bytes, cell->size};
    if (has_flag(column))
        *((bool *)row + column->has_offset) = cell->type != SQLITE_NULL;
    switch ((cleat_kind)column->kind) {
    case CLEAT_KIND_INTEGER:
    case CLEAT_KIND_TIMESTAMP: memcpy(member, &cell->integer, sizeof cell->integer); break;
    case CLEAT_KIND_BOOLEAN: *(bool *)member = cell->integer != 0; break;
    case CLEAT_KIND_REAL: memcpy(member, &cell->real, sizeof cell->real); break;
    case CLEAT_KIND_TEXT:
    case CLEAT_KIND_JSON: memcpy(member, &cell->bytes, sizeof cell->bytes); break;
    case CLEAT_KIND_BLOB: memcpy(member, &blob, sizeof blob); break;
    case CLEAT_KIND_ENUM: memcpy(member, &cell->label, sizeof cell->label); break;
    case CLEAT_KIND_DATETIME:
    case CLEAT_KIND_ULID:
    case CLEAT_KIND_UUID:
        if (cell->bytes != NULL)
            memcpy(member, cell->bytes, cell->size + 1);
        break;
    }
}

static struct cell
take_label(const struct column_model *model, const char *member)
{
    int value;
    memcpy(&value, member, sizeof value);
    const char *label = cleat_enum_label(model->labels, value);
    EXPECT(label != NULL, "%s has %d, which has no label", model->column->name, value);
    struct cell cell = cell_text(label);
    cell.label = value;
    return cell;
}

struct cell
row_take(const struct column_model *model, const void *row)
{
    const cleat_column *column = model->column;
    const char *member = (const char *)row + column->offset;
    struct cell cell = {.type = SQLITE_NULL};
    const char *text;
    cleat_blob blob;
    if (has_flag(column) && !*((const bool *)row + column->has_offset))
        return cell;
    switch ((cleat_kind)column->kind) {
    case CLEAT_KIND_INTEGER:
    case CLEAT_KIND_TIMESTAMP:
        cell.type = SQLITE_INTEGER;
        memcpy(&cell.integer, member, sizeof cell.integer);
        return cell;
    case CLEAT_KIND_BOOLEAN: return cell_integer(*(const bool *)member);
    case CLEAT_KIND_REAL:
        cell.type = SQLITE_FLOAT;
        memcpy(&cell.real, member, sizeof cell.real);
        return cell;
    case CLEAT_KIND_TEXT:
    case CLEAT_KIND_JSON:
        memcpy(&text, member, sizeof text);
        return text == NULL ? cell : cell_text(text);
    case CLEAT_KIND_BLOB:
        memcpy(&blob, member, sizeof blob);
        return blob.data == NULL ? cell : cell_bytes(SQLITE_BLOB, blob.data, blob.size);
    case CLEAT_KIND_ENUM: return take_label(model, member);
    case CLEAT_KIND_DATETIME:
    case CLEAT_KIND_ULID:
    case CLEAT_KIND_UUID: break;
    }
    return cell_text(member);
}

cleat_value
row_value(const struct column_model *model, const struct cell *cell)
{
    switch ((cleat_kind)model->column->kind) {
    case CLEAT_KIND_INTEGER:
    case CLEAT_KIND_TIMESTAMP:
    case CLEAT_KIND_BOOLEAN: return cleat_value_integer(cell->integer);
    case CLEAT_KIND_ENUM: return cleat_value_integer(cell->label);
    case CLEAT_KIND_REAL: return cleat_value_real(cell->real);
    case CLEAT_KIND_BLOB: return cleat_value_blob((cleat_blob){cell->bytes, cell->size});
    case CLEAT_KIND_TEXT:
    case CLEAT_KIND_JSON:
    case CLEAT_KIND_DATETIME:
    case CLEAT_KIND_ULID:
    case CLEAT_KIND_UUID: break;
    }
    return cleat_value_text(cell->bytes);
}
