#pragma once
#include <curl/curl.h>
#include <string.h>

// curl_easy_setopt and curl_easy_getinfo are variadic, which Swift does not import.

static inline CURLcode ccurl_set_number(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode ccurl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode ccurl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode ccurl_get_number(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}

// The first bytes of an answer are kept for its sentence; the rest is read and dropped.
struct ccurl_answer {
    char text[512];
    size_t count;
};

static inline size_t ccurl_keep(char *bytes, size_t size, size_t count, void *to) {
    struct ccurl_answer *answer = (struct ccurl_answer *)to;
    size_t all = size * count;
    size_t room = sizeof(answer->text) - answer->count;
    size_t kept = all < room ? all : room;
    memcpy(answer->text + answer->count, bytes, kept);
    answer->count += kept;
    return all;
}

static inline CURLcode ccurl_set_answer(CURL *handle, struct ccurl_answer *answer) {
    CURLcode status = curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, ccurl_keep);
    if (status != CURLE_OK) return status;
    return curl_easy_setopt(handle, CURLOPT_WRITEDATA, answer);
}

// What is uploaded: a mail, read from memory.
struct ccurl_upload {
    const char *bytes;
    size_t count;
    size_t sent;
};

static inline size_t ccurl_take(char *to, size_t size, size_t count, void *from) {
    struct ccurl_upload *upload = (struct ccurl_upload *)from;
    size_t left = upload->count - upload->sent;
    size_t part = left < size * count ? left : size * count;
    memcpy(to, upload->bytes + upload->sent, part);
    upload->sent += part;
    return part;
}

static inline CURLcode ccurl_set_upload(CURL *handle, struct ccurl_upload *upload) {
    CURLcode status = curl_easy_setopt(handle, CURLOPT_READFUNCTION, ccurl_take);
    if (status != CURLE_OK) return status;
    status = curl_easy_setopt(handle, CURLOPT_READDATA, upload);
    if (status != CURLE_OK) return status;
    return curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
}
