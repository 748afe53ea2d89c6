/* effect_prices.h: seconds of the processor for one million rows, as bench_rebuild prints them.
 * SQLite 3.40.1. */
#define SECONDS_INDEX 0.8
#define SECONDS_DROP_COLUMN 0.8
#define SECONDS_FULL_TEXT 2.9
#define SECONDS_REBUILD 5.3
