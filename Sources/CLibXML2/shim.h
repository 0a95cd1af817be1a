// Debian builds libxml2 with ICU; its encoding.h would pull in the system's ICU headers, which clash
// with Foundation's own ICU module. Dropping the macro only hides two trailing struct members.
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
