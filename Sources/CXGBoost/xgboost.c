// XGBoost's C functions, found in the shared library when the first of them is called.
//
// Most of what people do needs no boosting: a terminal program that links the library would read
// it, OpenMP and their tables from the disk, and keep them in memory, to show a list. So it starts
// at once, and runs where the library is not installed until something is trained.
#include "CXGBoost.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

static void *library;
static char problem[512];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
    library = dlopen("libxgboost.so.0", RTLD_NOW | RTLD_LOCAL);
    if (library) return;
    const char *reason = dlerror();
    snprintf(problem, sizeof problem,
             "its library cannot be loaded (%s). Install it, on Debian with \"apt-get install "
             "libxgboost0\".", reason ? reason : "no reason given");
}

static void *symbol(const char *name) {
    pthread_once(&once, load);
    if (!library) return NULL;
    void *found = dlsym(library, name);
    if (!found) snprintf(problem, sizeof problem, "its library has no function %s.", name);
    return found;
}

// Looks a function up once; `missing` is what it gives where there is none.
#define FORWARD(result, name, parameters, arguments, missing)                                     \
    result name parameters {                                                                      \
        static _Atomic(void *) known;                                                             \
        void *found = atomic_load_explicit(&known, memory_order_acquire);                         \
        if (!found) {                                                                             \
            found = symbol(#name);                                                                \
            if (!found) return missing;                                                           \
            atomic_store_explicit(&known, found, memory_order_release);                           \
        }                                                                                         \
        return ((result (*) parameters)found) arguments;                                          \
    }
#define STATUS(name, parameters, arguments) FORWARD(int, name, parameters, arguments, -1)

FORWARD(const char *, XGBGetLastError, (void), (), problem)
FORWARD(void, XGBoostVersion, (int *major, int *minor, int *patch), (major, minor, patch), )
STATUS(XGBRegisterLogCallback, (void (*callback)(const char *)), (callback))

STATUS(XGDMatrixCreateFromMat_omp,
       (const float *data, bst_ulong rows, bst_ulong columns, float missing, DMatrixHandle *out,
        int threads),
       (data, rows, columns, missing, out, threads))
STATUS(XGProxyDMatrixCreate, (DMatrixHandle *out), (out))
STATUS(XGDMatrixFree, (DMatrixHandle handle), (handle))
STATUS(XGDMatrixSetFloatInfo,
       (DMatrixHandle handle, const char *field, const float *values, bst_ulong count),
       (handle, field, values, count))
STATUS(XGDMatrixSetStrFeatureInfo,
       (DMatrixHandle handle, const char *field, const char **texts, const bst_ulong count),
       (handle, field, texts, count))

STATUS(XGBoosterCreate, (const DMatrixHandle matrices[], bst_ulong count, BoosterHandle *out),
       (matrices, count, out))
STATUS(XGBoosterFree, (BoosterHandle handle), (handle))
STATUS(XGBoosterSetParam, (BoosterHandle handle, const char *name, const char *value),
       (handle, name, value))
STATUS(XGBoosterUpdateOneIter, (BoosterHandle handle, int round, DMatrixHandle matrix),
       (handle, round, matrix))
STATUS(XGBoosterEvalOneIter,
       (BoosterHandle handle, int round, DMatrixHandle matrices[], const char *names[],
        bst_ulong count, const char **out),
       (handle, round, matrices, names, count, out))
STATUS(XGBoosterSlice, (BoosterHandle handle, int begin, int end, int step, BoosterHandle *out),
       (handle, begin, end, step, out))
STATUS(XGBoosterBoostedRounds, (BoosterHandle handle, int *out), (handle, out))
STATUS(XGBoosterGetNumFeature, (BoosterHandle handle, bst_ulong *out), (handle, out))
STATUS(XGBoosterGetStrFeatureInfo,
       (BoosterHandle handle, const char *field, bst_ulong *count, const char ***out),
       (handle, field, count, out))
STATUS(XGBoosterSetStrFeatureInfo,
       (BoosterHandle handle, const char *field, const char **texts, const bst_ulong count),
       (handle, field, texts, count))
STATUS(XGBoosterLoadModelFromBuffer, (BoosterHandle handle, const void *bytes, bst_ulong count),
       (handle, bytes, count))
STATUS(XGBoosterSaveModelToBuffer,
       (BoosterHandle handle, char const *configuration, bst_ulong *count, char const **out),
       (handle, configuration, count, out))
STATUS(XGBoosterSaveJsonConfig, (BoosterHandle handle, bst_ulong *count, char const **out),
       (handle, count, out))
STATUS(XGBoosterPredictFromDense,
       (BoosterHandle handle, char const *values, char const *configuration, DMatrixHandle matrix,
        bst_ulong const **shape, bst_ulong *dimensions, const float **out),
       (handle, values, configuration, matrix, shape, dimensions, out))
