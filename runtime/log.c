/* log.c: one line per fact, "LEVEL - cleat.source - text", to the program's hook or to standard
 * error. A line below the chosen level costs a comparison. */
#include "runtime.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const level_names[] = {"DEBUG", "INFO", "WARNING", "ERROR", "NONE"};

void
cleat_log(const struct config *config, cleat_log_level level, const char *source,
          const char *format, ...)
{
    if (level < config->log_level)
        return;
    char line[2048];
    int head = snprintf(line, sizeof line, "%s - cleat.%s - ", level_names[level], source);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line + head, sizeof line - (size_t)head, format, arguments);
    va_end(arguments);
    if (config->log != NULL)
        config->log(config->log_data, level, line);
    else
        fprintf(stderr, "%s\n", line);
}
