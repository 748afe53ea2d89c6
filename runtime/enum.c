/* enum.c: the C constant of an enum and the label that is stored, both ways. */
#include "runtime.h"

const char *
cleat_enum_label(const cleat_enum *type, int value)
{
    if (type == NULL)
        return NULL;
    /* most enums count from 0, so that a value is also its place */
    if (value >= 0 && (size_t)value < type->count && type->labels[value].value == value)
        return type->labels[value].text;
    for (size_t i = 0; i < type->count; i++)
        if (type->labels[i].value == value)
            return type->labels[i].text;
    return NULL;
}

cleat_status
cleat_enum_from_label(const cleat_enum *type, const char *label, int *ret_value)
{
    if (type == NULL || ret_value == NULL)
        return CLEAT_MISUSE;
    if (label == NULL)
        return CLEAT_NOT_FOUND;
    for (size_t i = 0; i < type->count; i++) {
        if (strcmp(type->labels[i].text, label) == 0) {
            *ret_value = type->labels[i].value;
            return CLEAT_OK;
        }
    }
    return CLEAT_NOT_FOUND;
}
