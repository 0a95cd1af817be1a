#include "CParseLimit.h"
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long starts;

static void start(void *c, const xmlChar *l, const xmlChar *p, const xmlChar *u, int nn, const xmlChar **n, int na, int nd,
                  const xmlChar **a) {
  (void)c; (void)l; (void)p; (void)u; (void)nn; (void)n; (void)na; (void)nd; (void)a;
  starts++;
}
static void end(void *c, const xmlChar *l, const xmlChar *p, const xmlChar *u) { (void)c; (void)l; (void)p; (void)u; }
static void text(void *c, const xmlChar *t, int n) { (void)c; (void)t; (void)n; }

long parse_limit_xml(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) return -1;
  xmlSAXHandler handler;
  memset(&handler, 0, sizeof handler);
  handler.initialized = XML_SAX2_MAGIC;
  handler.startElementNs = start;
  handler.endElementNs = end;
  handler.characters = text;
  handler.ignorableWhitespace = text;
  static char buffer[64 << 10];
  xmlParserCtxtPtr context = xmlCreatePushParserCtxt(&handler, NULL, NULL, 0, NULL);
  if (!context) { fclose(file); return -1; }
  xmlCtxtUseOptions(context, XML_PARSE_NONET | XML_PARSE_NOCDATA);
  starts = 0;
  size_t count;
  while ((count = fread(buffer, 1, sizeof buffer, file)) > 0) xmlParseChunk(context, buffer, (int)count, 0);
  xmlParseChunk(context, NULL, 0, 1);
  long result = context->wellFormed ? starts : -1;
  xmlFreeParserCtxt(context);
  fclose(file);
  return result;
}
