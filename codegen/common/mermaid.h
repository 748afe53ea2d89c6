/* mermaid.h: names of a schema as the words of a Mermaid diagram of entities. The results are in the
 * arena, or the names themselves. */
#ifndef CLEAT_MERMAID_H
#define CLEAT_MERMAID_H

/* A table: in quotes where the plain word would say something else to Mermaid. */
const char *mermaid_entity(const char *name);

/* A column or type, which Mermaid takes no quotes around: letters, digits and _, and none of the
 * words by which it marks keys. */
const char *mermaid_word(const char *name);

#endif
