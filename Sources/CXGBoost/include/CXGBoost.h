#pragma once
// What Binnacle calls of it is in xgboost.c; a function that is not there is not linked.
#include <xgboost/c_api.h>
