/* Defaults with every character that C, SQL or a printf could take for something else. Each is read
 * back from SQLite and compared with what C has. */
#include <cleat/schema.h>
#define DATABASE_NAME "defaults"

enum kind { KIND_FIRST = -1, KIND_SECOND = 2147483647, KIND_THIRD = -2147483647 - 1 };

TABLE(texts) {
    integer id PRIMARY_KEY;
    text t01 NOT_NULL DEFAULT("");
    text t02 NOT_NULL DEFAULT(" ");
    text t03 NOT_NULL DEFAULT("it's");
    text t04 NOT_NULL DEFAULT("\"quoted\"");
    text t05 NOT_NULL DEFAULT("back\\slash \\n \\");
    text t06 NOT_NULL DEFAULT("tab\t newline\n return\r bell\a escape\x1b delete\x7f");
    text t07 NOT_NULL DEFAULT("*/ int x; /* // --");
    text t08 NOT_NULL DEFAULT("what?\?/ what?\?' ?\?= ?\?\?/");
    text t09 NOT_NULL DEFAULT("%s %n %% %d @p@ @name@ @ $1 ?1 :a {x} #x ##");
    text t10 NOT_NULL DEFAULT("größe 日本語 🦆");
    text t11 NOT_NULL DEFAULT("bidi \u202e\u2066 and zero \u200b width, \ufeff mark");
    text t12 NOT_NULL DEFAULT("one\n'two'\n\n-- three\n");
    text t13 NOT_NULL DEFAULT("joined " "texts" " 1" "2");
    text t14 NOT_NULL DEFAULT("octal \1012 \7 hex \x41" "B");
    text t15 NOT_NULL DEFAULT('it''s "quoted" \n \\');
    text t16 NOT_NULL DEFAULT('); DROP TABLE texts; --');
    text t17 NOT_NULL DEFAULT("); DROP TABLE texts; --");
    text t18 NOT_NULL DEFAULT('a' || char(10) || 'b' || char(0x202e));
    text t19 NOT_NULL DEFAULT("R\"x(raw)x\" u8 L");
    text t20 NOT_NULL DEFAULT("a,b,(c),)(,]}");
    text t21 NOT_NULL DEFAULT("line\
continued");
    text t22 DEFAULT(NULL);
    text t23 NOT_NULL DEFAULT("NULL");
    text t24 NOT_NULL DEFAULT("CURRENT_TIMESTAMP");
    text t25 NOT_NULL DEFAULT("X'00'");
    text t26 NOT_NULL DEFAULT("\u00a0\u2028\u2029\u0085 separators");
    text t27 NOT_NULL DEFAULT("??/ ??' ??????");
    text t28 NOT_NULL DEFAULT("\x31" "1\0611");
    json j01 NOT_NULL DEFAULT("{\"a\": \"\\u0000 \\\" ' */ \\n\"}");
    json j02 NOT_NULL DEFAULT("null");
};

TABLE(others) {
    integer id PRIMARY_KEY;
    integer i01 NOT_NULL DEFAULT(0);
    integer i02 NOT_NULL DEFAULT(-1);
    integer i03 NOT_NULL DEFAULT(9223372036854775807);
    integer i04 NOT_NULL DEFAULT(-9223372036854775808);
    integer i05 NOT_NULL DEFAULT(0x7fffffffffffffff);
    integer i06 NOT_NULL DEFAULT(- 5);
    integer i07 NOT_NULL DEFAULT((1 << 40) + 7);
    integer i08 NOT_NULL DEFAULT(10LL);
    boolean b01 NOT_NULL DEFAULT(true);
    boolean b02 NOT_NULL DEFAULT(FALSE);
    boolean b03 NOT_NULL DEFAULT(1);
    real    r01 NOT_NULL DEFAULT(0.1);
    real    r02 NOT_NULL DEFAULT(-0.0);
    real    r03 NOT_NULL DEFAULT(1e308);
    real    r04 NOT_NULL DEFAULT(1.7976931348623157e308);
    real    r05 NOT_NULL DEFAULT(5e-324);
    real    r06 NOT_NULL DEFAULT(0.1 + 0.2);
    real    r07 NOT_NULL DEFAULT(123456789012345678);
    real    r08 NOT_NULL DEFAULT(.5);
    real    r09 NOT_NULL DEFAULT(5.);
    real    r10 NOT_NULL DEFAULT(1e15);
    real    r11 NOT_NULL DEFAULT(9007199254740993);
    real    r12 NOT_NULL DEFAULT(2.2250738585072011e-308);
    blob    x01 NOT_NULL DEFAULT(X'');
    blob    x02 NOT_NULL DEFAULT(X'00');
    blob    x03 NOT_NULL DEFAULT(x'00fF5c22270a3f3f2f2a2f');
    blob    x04 NOT_NULL DEFAULT(zeroblob(3));
    blob    x05 DEFAULT(NULL);
    datetime d01 NOT_NULL DEFAULT("1970-01-01T00:00:00.000Z");
    timestamp s01 NOT_NULL DEFAULT(-1);
    ulid    u01 NOT_NULL DEFAULT("7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
    uuid    u02 NOT_NULL DEFAULT("ffffffff-ffff-ffff-ffff-ffffffffffff");
    enum kind e01 NOT_NULL DEFAULT(KIND_THIRD);
    enum kind e02 DEFAULT(KIND_FIRST);
};
