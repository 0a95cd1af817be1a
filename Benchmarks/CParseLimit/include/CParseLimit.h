#ifndef C_PARSE_LIMIT_H
#define C_PARSE_LIMIT_H
// The limit for XML: libxml2's SAX2 push parser over a file in 64 KiB pieces with callbacks that do nothing.
// Returns the number of start tags, or -1.
long parse_limit_xml(const char *path);
#endif
