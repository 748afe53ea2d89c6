/* What several modules share. */
#ifndef LEVELS_H
#define LEVELS_H

/** How loud. */
enum level {
    LEVEL_DEBUG = -10,   ///< for developers
    LEVEL_INFO = 0,
    LEVEL_WARNING,       /**< somebody may look */
    LEVEL_ERROR = 0x64,
};

typedef enum { YES_NO_YES = 1, YES_NO_NO = 0 } yes_no;

#endif
