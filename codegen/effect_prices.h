/* effect_prices.h: seconds for one million rows, as bench/rebuild prints them. */
#define SECONDS_INDEX 0.6
#define SECONDS_DROP_COLUMN 0.9
#define SECONDS_FULL_TEXT 6.0
#define SECONDS_REBUILD 3.2
