// libcurl's functions, found in the shared library when the first of them is called: it brings
// thirty libraries along, of which a program that delivers nothing needs none.
#include "CCurl.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

// The header's checking macros stand for the functions of the same names.
#undef curl_easy_setopt
#undef curl_easy_getinfo

static struct {
    CURLcode (*global_init)(long);
    CURL *(*easy_init)(void);
    void (*easy_cleanup)(CURL *);
    CURLcode (*easy_setopt)(CURL *, CURLoption, ...);
    CURLcode (*easy_getinfo)(CURL *, CURLINFO, ...);
    CURLcode (*easy_perform)(CURL *);
    const char *(*easy_strerror)(CURLcode);
    struct curl_slist *(*slist_append)(struct curl_slist *, const char *);
    void (*slist_free_all)(struct curl_slist *);
} curl;

static char problem[512];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void *symbol(void *library, const char *name) {
    void *found = dlsym(library, name);
    if (!found) snprintf(problem, sizeof problem, "The libcurl here has no function %s.", name);
    return found;
}

static void load(void) {
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        const char *reason = dlerror();
        snprintf(problem, sizeof problem,
                 "libcurl cannot be loaded (%s). Install it, on Debian with \"apt-get install "
                 "libcurl4\".", reason ? reason : "no reason given");
        return;
    }
    curl.global_init = symbol(library, "curl_global_init");
    curl.easy_init = symbol(library, "curl_easy_init");
    curl.easy_cleanup = symbol(library, "curl_easy_cleanup");
    curl.easy_setopt = symbol(library, "curl_easy_setopt");
    curl.easy_getinfo = symbol(library, "curl_easy_getinfo");
    curl.easy_perform = symbol(library, "curl_easy_perform");
    curl.easy_strerror = symbol(library, "curl_easy_strerror");
    curl.slist_append = symbol(library, "curl_slist_append");
    curl.slist_free_all = symbol(library, "curl_slist_free_all");
    if (!problem[0] && curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        snprintf(problem, sizeof problem, "libcurl cannot be used.");
}

const char *ccurl_problem(void) {
    pthread_once(&once, load);
    return problem[0] ? problem : NULL;
}

// Everything below is called only where there is no problem.

CURL *curl_easy_init(void) { return ccurl_problem() ? NULL : curl.easy_init(); }
void curl_easy_cleanup(CURL *handle) { curl.easy_cleanup(handle); }
CURLcode curl_easy_perform(CURL *handle) { return curl.easy_perform(handle); }
const char *curl_easy_strerror(CURLcode code) { return curl.easy_strerror(code); }

struct curl_slist *curl_slist_append(struct curl_slist *list, const char *text) {
    return curl.slist_append(list, text);
}

void curl_slist_free_all(struct curl_slist *list) { curl.slist_free_all(list); }

CURLcode ccurl_set_number(CURL *handle, CURLoption option, long value) {
    return curl.easy_setopt(handle, option, value);
}

CURLcode ccurl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl.easy_setopt(handle, option, value);
}

CURLcode ccurl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl.easy_setopt(handle, option, value);
}

CURLcode ccurl_get_number(CURL *handle, CURLINFO info, long *value) {
    return curl.easy_getinfo(handle, info, value);
}

static size_t keep(char *bytes, size_t size, size_t count, void *to) {
    struct ccurl_answer *answer = to;
    size_t all = size * count;
    size_t room = sizeof(answer->text) - answer->count;
    size_t kept = all < room ? all : room;
    memcpy(answer->text + answer->count, bytes, kept);
    answer->count += kept;
    return all;
}

CURLcode ccurl_set_answer(CURL *handle, struct ccurl_answer *answer) {
    CURLcode status = curl.easy_setopt(handle, CURLOPT_WRITEFUNCTION, keep);
    if (status != CURLE_OK) return status;
    return curl.easy_setopt(handle, CURLOPT_WRITEDATA, answer);
}

static size_t take(char *to, size_t size, size_t count, void *from) {
    struct ccurl_upload *upload = from;
    size_t left = upload->count - upload->sent;
    size_t part = left < size * count ? left : size * count;
    memcpy(to, upload->bytes + upload->sent, part);
    upload->sent += part;
    return part;
}

CURLcode ccurl_set_upload(CURL *handle, struct ccurl_upload *upload) {
    CURLcode status = curl.easy_setopt(handle, CURLOPT_READFUNCTION, take);
    if (status != CURLE_OK) return status;
    status = curl.easy_setopt(handle, CURLOPT_READDATA, upload);
    if (status != CURLE_OK) return status;
    return curl.easy_setopt(handle, CURLOPT_UPLOAD, 1L);
}
