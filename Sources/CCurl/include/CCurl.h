#pragma once
// What Binnacle calls of it is in curl.c; a function that is not there is not linked.
#include <curl/curl.h>

// Why the library cannot be used, as a sentence; NULL where it can.
const char *ccurl_problem(void);

// curl_easy_setopt and curl_easy_getinfo are variadic, which Swift does not import.
CURLcode ccurl_set_number(CURL *handle, CURLoption option, long value);
CURLcode ccurl_set_text(CURL *handle, CURLoption option, const char *value);
CURLcode ccurl_set_list(CURL *handle, CURLoption option, struct curl_slist *value);
CURLcode ccurl_get_number(CURL *handle, CURLINFO info, long *value);

// The first bytes of an answer are kept for its sentence; the rest is read and dropped.
struct ccurl_answer {
    char text[512];
    size_t count;
};

CURLcode ccurl_set_answer(CURL *handle, struct ccurl_answer *answer);

// What is uploaded: a mail, read from memory.
struct ccurl_upload {
    const char *bytes;
    size_t count;
    size_t sent;
};

CURLcode ccurl_set_upload(CURL *handle, struct ccurl_upload *upload);
