#include <cleat/schema.h>

#define DATABASE_NAME "shop"

TABLE(orders) {
    ulid    id       PRIMARY_KEY;
    integer value_1;
    integer value_2;
    integer value_3;
    integer value_4;
    integer value_5;
    integer value_6;
    integer value_7;
    integer value_8;
    integer value_9;
    integer value_10;
    integer value_11;
    integer value_12;
    integer value_13;
    integer value_14;
    integer value_15;
    integer value_16;
    integer value_17;
    integer value_18;
    integer value_19;
    integer value_20;
    integer value_21;
    integer value_22;
    integer value_23;
    integer value_24;
    integer value_25;
    integer value_26;
    integer value_27;
    integer value_28;
    integer value_29;
    integer value_30;
    integer value_31;
    integer value_32;
    integer value_33;
    integer value_34;
    integer value_35;
    integer value_36;
    integer value_37;
    integer value_38;
    integer value_39;
    integer value_40;
};
