#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(works) {
    integer id PRIMARY_KEY;
};

TABLE(level_1) {
    integer id PRIMARY_KEY REFERENCES(works, id);
    EXTENDS(works);
};

TABLE(level_2) {
    integer id PRIMARY_KEY REFERENCES(level_1, id);
    EXTENDS(level_1);
};

TABLE(level_3) {
    integer id PRIMARY_KEY REFERENCES(level_2, id);
    EXTENDS(level_2);
};

TABLE(level_4) {
    integer id PRIMARY_KEY REFERENCES(level_3, id);
    EXTENDS(level_3);
};

TABLE(level_5) {
    integer id PRIMARY_KEY REFERENCES(level_4, id);
    EXTENDS(level_4);
};

TABLE(level_6) {
    integer id PRIMARY_KEY REFERENCES(level_5, id);
    EXTENDS(level_5);
};

TABLE(level_7) {
    integer id PRIMARY_KEY REFERENCES(level_6, id);
    EXTENDS(level_6);
};

TABLE(level_8) {
    integer id PRIMARY_KEY REFERENCES(level_7, id);
    EXTENDS(level_7);
};

TABLE(level_9) {
    integer id PRIMARY_KEY REFERENCES(level_8, id);
    EXTENDS(level_8);
};

TABLE(level_10) {
    integer id PRIMARY_KEY REFERENCES(level_9, id);
    EXTENDS(level_9);
};

TABLE(level_11) {
    integer id PRIMARY_KEY REFERENCES(level_10, id);
    EXTENDS(level_10);
};

TABLE(level_12) {
    integer id PRIMARY_KEY REFERENCES(level_11, id);
    EXTENDS(level_11);
};

TABLE(level_13) {
    integer id PRIMARY_KEY REFERENCES(level_12, id);
    EXTENDS(level_12);
};

TABLE(level_14) {
    integer id PRIMARY_KEY REFERENCES(level_13, id);
    EXTENDS(level_13);
};

TABLE(level_15) {
    integer id PRIMARY_KEY REFERENCES(level_14, id);
    EXTENDS(level_14);
};

TABLE(level_16) {
    integer id PRIMARY_KEY REFERENCES(level_15, id);
    EXTENDS(level_15);
};

TABLE(level_17) {
    integer id PRIMARY_KEY REFERENCES(level_16, id);
    EXTENDS(level_16);
};

TABLE(level_18) {
    integer id PRIMARY_KEY REFERENCES(level_17, id);
    EXTENDS(level_17);
};

TABLE(level_19) {
    integer id PRIMARY_KEY REFERENCES(level_18, id);
    EXTENDS(level_18);
};

TABLE(level_20) {
    integer id PRIMARY_KEY REFERENCES(level_19, id);
    EXTENDS(level_19);
};

TABLE(level_21) {
    integer id PRIMARY_KEY REFERENCES(level_20, id);
    EXTENDS(level_20);
};

TABLE(level_22) {
    integer id PRIMARY_KEY REFERENCES(level_21, id);
    EXTENDS(level_21);
};

TABLE(level_23) {
    integer id PRIMARY_KEY REFERENCES(level_22, id);
    EXTENDS(level_22);
};

TABLE(level_24) {
    integer id PRIMARY_KEY REFERENCES(level_23, id);
    EXTENDS(level_23);
};

TABLE(level_25) {
    integer id PRIMARY_KEY REFERENCES(level_24, id);
    EXTENDS(level_24);
};

TABLE(level_26) {
    integer id PRIMARY_KEY REFERENCES(level_25, id);
    EXTENDS(level_25);
};

TABLE(level_27) {
    integer id PRIMARY_KEY REFERENCES(level_26, id);
    EXTENDS(level_26);
};

TABLE(level_28) {
    integer id PRIMARY_KEY REFERENCES(level_27, id);
    EXTENDS(level_27);
};

TABLE(level_29) {
    integer id PRIMARY_KEY REFERENCES(level_28, id);
    EXTENDS(level_28);
};

TABLE(level_30) {
    integer id PRIMARY_KEY REFERENCES(level_29, id);
    EXTENDS(level_29);
};

TABLE(level_31) {
    integer id PRIMARY_KEY REFERENCES(level_30, id);
    EXTENDS(level_30);
};

TABLE(level_32) {
    integer id PRIMARY_KEY REFERENCES(level_31, id);
    EXTENDS(level_31);
};

TABLE(level_33) {
    integer id PRIMARY_KEY REFERENCES(level_32, id);
    EXTENDS(level_32);
};

TABLE(level_34) {
    integer id PRIMARY_KEY REFERENCES(level_33, id);
    EXTENDS(level_33);
};

TABLE(level_35) {
    integer id PRIMARY_KEY REFERENCES(level_34, id);
    EXTENDS(level_34);
};

TABLE(level_36) {
    integer id PRIMARY_KEY REFERENCES(level_35, id);
    EXTENDS(level_35);
};

TABLE(level_37) {
    integer id PRIMARY_KEY REFERENCES(level_36, id);
    EXTENDS(level_36);
};

TABLE(level_38) {
    integer id PRIMARY_KEY REFERENCES(level_37, id);
    EXTENDS(level_37);
};

TABLE(level_39) {
    integer id PRIMARY_KEY REFERENCES(level_38, id);
    EXTENDS(level_38);
};

TABLE(level_40) {
    integer id PRIMARY_KEY REFERENCES(level_39, id);
    EXTENDS(level_39);
};

TABLE(level_41) {
    integer id PRIMARY_KEY REFERENCES(level_40, id);
    EXTENDS(level_40);
};

TABLE(level_42) {
    integer id PRIMARY_KEY REFERENCES(level_41, id);
    EXTENDS(level_41);
};

TABLE(level_43) {
    integer id PRIMARY_KEY REFERENCES(level_42, id);
    EXTENDS(level_42);
};

TABLE(level_44) {
    integer id PRIMARY_KEY REFERENCES(level_43, id);
    EXTENDS(level_43);
};

TABLE(level_45) {
    integer id PRIMARY_KEY REFERENCES(level_44, id);
    EXTENDS(level_44);
};

TABLE(level_46) {
    integer id PRIMARY_KEY REFERENCES(level_45, id);
    EXTENDS(level_45);
};

TABLE(level_47) {
    integer id PRIMARY_KEY REFERENCES(level_46, id);
    EXTENDS(level_46);
};

TABLE(level_48) {
    integer id PRIMARY_KEY REFERENCES(level_47, id);
    EXTENDS(level_47);
};

TABLE(level_49) {
    integer id PRIMARY_KEY REFERENCES(level_48, id);
    EXTENDS(level_48);
};

TABLE(level_50) {
    integer id PRIMARY_KEY REFERENCES(level_49, id);
    EXTENDS(level_49);
};

TABLE(level_51) {
    integer id PRIMARY_KEY REFERENCES(level_50, id);
    EXTENDS(level_50);
};

TABLE(level_52) {
    integer id PRIMARY_KEY REFERENCES(level_51, id);
    EXTENDS(level_51);
};

TABLE(level_53) {
    integer id PRIMARY_KEY REFERENCES(level_52, id);
    EXTENDS(level_52);
};

TABLE(level_54) {
    integer id PRIMARY_KEY REFERENCES(level_53, id);
    EXTENDS(level_53);
};

TABLE(level_55) {
    integer id PRIMARY_KEY REFERENCES(level_54, id);
    EXTENDS(level_54);
};

TABLE(level_56) {
    integer id PRIMARY_KEY REFERENCES(level_55, id);
    EXTENDS(level_55);
};

TABLE(level_57) {
    integer id PRIMARY_KEY REFERENCES(level_56, id);
    EXTENDS(level_56);
};

TABLE(level_58) {
    integer id PRIMARY_KEY REFERENCES(level_57, id);
    EXTENDS(level_57);
};

TABLE(level_59) {
    integer id PRIMARY_KEY REFERENCES(level_58, id);
    EXTENDS(level_58);
};

TABLE(level_60) {
    integer id PRIMARY_KEY REFERENCES(level_59, id);
    EXTENDS(level_59);
};

TABLE(level_61) {
    integer id PRIMARY_KEY REFERENCES(level_60, id);
    EXTENDS(level_60);
};

TABLE(level_62) {
    integer id PRIMARY_KEY REFERENCES(level_61, id);
    EXTENDS(level_61);
};

TABLE(level_63) {
    integer id PRIMARY_KEY REFERENCES(level_62, id);
    EXTENDS(level_62);
};

TABLE(level_64) {
    integer id PRIMARY_KEY REFERENCES(level_63, id);
    EXTENDS(level_63);
};
