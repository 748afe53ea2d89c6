/* Shared by schemas: an edit here concerns the modules that include it, and no others. */
#define NAME_LENGTH 100
