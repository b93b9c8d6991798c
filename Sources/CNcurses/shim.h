#pragma once
#define NCURSES_WIDECHAR 1
#ifndef _XOPEN_SOURCE_EXTENDED
#define _XOPEN_SOURCE_EXTENDED 1
#endif
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <errno.h>
#include <malloc.h>
#include <ncursesw/ncurses.h>
#include <ncursesw/term.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

// Swift refuses mutable C globals, cast macros and variadics: these stand for them.

static inline int cn_colors(void) { return COLORS; }

/// Whether erasing paints with the current background, as the description has it.
static inline int cn_erases_with_ground(void) { return tigetflag("bce") == 1; }

static inline int cn_columns(wchar_t character) { return wcwidth(character); }

/// Whether the terminal library finds a description of this terminal.
static inline int cn_knows(const char *name) {
    int result = 0;
    if (setupterm(name, -1, &result) != OK) return 0;
    del_curterm(cur_term);
    return 1;
}

static inline unsigned int cn_bold(void) { return A_BOLD; }
static inline unsigned int cn_underline(void) { return A_UNDERLINE; }
static inline unsigned int cn_reverse(void) { return A_REVERSE; }
static inline unsigned int cn_dim(void) { return A_DIM; }

/// Sets one cell; at most five code points, the first of which has a width.
static inline int cn_draw(
    int row, int column, const uint32_t *codes, int count, unsigned int attributes, int pair) {
    wchar_t text[CCHARW_MAX + 1];
    cchar_t cell;
    if (count > CCHARW_MAX) count = CCHARW_MAX;
    for (int index = 0; index < count; index++) text[index] = (wchar_t)codes[index];
    text[count] = 0;
    if (setcchar(&cell, text, attributes, 0, &pair) != OK) return ERR;
    return mvwadd_wch(stdscr, row, column, &cell);
}

/// What erased cells look like.
static inline void cn_set_background(int pair) {
    cchar_t cell;
    wchar_t blank[2] = {L' ', 0};
    if (setcchar(&cell, blank, 0, 0, &pair) == OK) wbkgrndset(stdscr, &cell);
}

static inline void cn_erase(void) { werase(stdscr); }
static inline void cn_clear_all(void) { clearok(curscr, TRUE); }

static inline void cn_no_scroll(void) {
    scrollok(stdscr, FALSE);
    idlok(stdscr, FALSE);
    leaveok(stdscr, FALSE);
    intrflush(stdscr, FALSE);
}

static inline void cn_flush(int row, int column) {
    wmove(stdscr, row, column);
    wnoutrefresh(stdscr);
    doupdate();
}

/// A file in memory that the terminal library writes its bytes to; -1 if there is none.
static inline int cn_memory_file(void) { return memfd_create("binnacle-frame", MFD_CLOEXEC); }

/// A file that any thread can write to in order to wake the one that waits for it.
static inline int cn_wake_file(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

/// A file that tells of folders' changes; -1 if there is none.
static inline int cn_folder_watch(void) { return inotify_init1(IN_NONBLOCK | IN_CLOEXEC); }

static inline void cn_watch_folder(int watch, const char *folder) {
    inotify_add_watch(watch, folder, IN_CLOSE_WRITE | IN_MOVED_TO);
}

/// Whether there is still a terminal behind this file: one that hung up answers no question.
static inline int cn_has_terminal(int file) {
    struct termios modes;
    return tcgetattr(file, &modes) == 0;
}

static inline int cn_window_size(int file, int *wide, int *high) {
    struct winsize size;
    if (ioctl(file, TIOCGWINSZ, &size) != 0) return -1;
    *wide = size.ws_col;
    *high = size.ws_row;
    return 0;
}

// Signals. The state is static: only one Swift file may use these functions, else each file would
// have a state of its own.

typedef struct {
    /// Where a signal is told as one byte with its number; -1 while nobody reads.
    volatile int pipe;
    volatile sig_atomic_t ending;
    /// Whether signals were told and are not any more: the program is ending by itself.
    volatile sig_atomic_t told;
    volatile sig_atomic_t armed;
    int output;
    int input;
    size_t length;
    char bytes[512];
    struct termios modes;
    struct sigaction before[65];
} cn_signal_state;

static cn_signal_state cn_signals = {.pipe = -1};

static inline void cn_restore(void) {
    if (!cn_signals.armed) return;
    cn_signals.armed = 0;
    ssize_t ignored = write(cn_signals.output, cn_signals.bytes, cn_signals.length);
    (void)ignored;
    tcsetattr(cn_signals.input, TCSANOW, &cn_signals.modes);
}

/// Only calls what POSIX allows in a handler.
static inline void cn_handle(int number) {
    int saved = errno;
    // A hang-up may only mean that settings are to be read anew, and then comes again.
    int ends = number == SIGTERM;
    int told = ends || number == SIGHUP || number == SIGWINCH || number == SIGTSTP ||
               number == SIGCONT;
    if (told && cn_signals.pipe >= 0 && !(ends && cn_signals.ending)) {
        if (ends) cn_signals.ending = 1;
        unsigned char byte = (unsigned char)number;
        ssize_t ignored = write(cn_signals.pipe, &byte, 1);
        (void)ignored;
        errno = saved;
        return;
    }
    if (told && !ends && (number != SIGHUP || cn_signals.told)) return;
    cn_restore();
    sigaction(number, &cn_signals.before[number], NULL);
    raise(number);
    errno = saved;
}

static inline void cn_catch(int number, int flags) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = cn_handle;
    action.sa_flags = flags;
    sigemptyset(&action.sa_mask);
    struct sigaction before;
    sigaction(number, &action, &before);
    if (before.sa_handler != cn_handle) cn_signals.before[number] = before;
}

static inline void cn_release(int number) {
    struct sigaction now;
    sigaction(number, NULL, &now);
    if (now.sa_handler == cn_handle) sigaction(number, &cn_signals.before[number], NULL);
}

static const int cn_ends[] = {SIGSEGV, SIGILL, SIGTRAP, SIGABRT, SIGBUS,
                              SIGFPE,  SIGINT, SIGQUIT, SIGHUP, SIGTERM};
static const int cn_tells[] = {SIGWINCH, SIGTSTP, SIGCONT};

/// From now on a crash writes these bytes and puts the modes back before the process ends.
static inline void cn_arm(
    int input, int output, const struct termios *modes, const void *bytes, size_t length) {
    static char stack[64 * 1024];
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack, .ss_flags = 0};
    sigaltstack(&alternate, NULL);
    if (length > sizeof cn_signals.bytes) length = sizeof cn_signals.bytes;
    cn_signals.input = input;
    cn_signals.output = output;
    cn_signals.modes = *modes;
    memcpy(cn_signals.bytes, bytes, length);
    cn_signals.length = length;
    cn_signals.armed = 1;
    for (size_t index = 0; index < sizeof cn_ends / sizeof *cn_ends; index++)
        cn_catch(cn_ends[index], SA_ONSTACK | SA_NODEFER);
}

static inline void cn_disarm(void) {
    cn_signals.armed = 0;
    // A terminal's end is often read before the signal of it comes, which must not end what the
    // program still writes: not even for a moment between two handlers.
    if (cn_signals.before[SIGHUP].sa_handler == SIG_DFL)
        cn_signals.before[SIGHUP].sa_handler = SIG_IGN;
    for (size_t index = 0; index < sizeof cn_ends / sizeof *cn_ends; index++)
        cn_release(cn_ends[index]);
}

/// From now on signals that a program can answer are told through the pipe; -1 ends it.
static inline void cn_tell(int pipe) {
    cn_signals.told = pipe < 0;
    cn_signals.pipe = pipe;
    cn_signals.ending = 0;
    for (size_t index = 0; index < sizeof cn_tells / sizeof *cn_tells; index++) {
        if (pipe >= 0) cn_catch(cn_tells[index], SA_RESTART);
        else cn_release(cn_tells[index]);
    }
    if (pipe < 0) return;
    cn_catch(SIGTERM, SA_ONSTACK | SA_NODEFER);
    cn_catch(SIGHUP, SA_ONSTACK | SA_NODEFER);
}

/// Stops the process group as the terminal's ^Z would, until it is continued.
static inline void cn_stop(void) {
    struct sigaction standard, stopped, continued;
    memset(&standard, 0, sizeof standard);
    standard.sa_handler = SIG_DFL;
    sigaction(SIGTSTP, &standard, &stopped);
    // The caller answers the return from here; to be told as well would paint twice.
    sigaction(SIGCONT, &standard, &continued);
    kill(0, SIGTSTP);
    sigaction(SIGCONT, &continued, NULL);
    sigaction(SIGTSTP, &stopped, NULL);
}

typedef struct {
    struct sigaction before[4];
} cn_kept_signals;

static const int cn_kept[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};

/// Keeps the library from answering signals itself: it would not know where its bytes go.
static inline cn_kept_signals cn_keep_signals(void) {
    cn_kept_signals kept;
    for (int index = 0; index < 4; index++) sigaction(cn_kept[index], NULL, &kept.before[index]);
    return kept;
}

static inline void cn_put_back_signals(cn_kept_signals *kept) {
    for (int index = 0; index < 4; index++) sigaction(cn_kept[index], &kept->before[index], NULL);
}

// MARK: - Memory

/// What one thread frees another one takes.
static inline void cn_use_one_pool(void) { mallopt(M_ARENA_MAX, 1); }

/// Gives free memory back to the machine.
static inline void cn_give_memory_back(void) { malloc_trim(0); }
