/* While the file BENCH_READ_ONLY exists, every change below the folder ZHULIAN_DATA fails with EROFS, as on a file
   system that its kernel has made read-only under open files. Preloaded into a process by read_only.py. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static int below(const char *path) {
    const char *folder = getenv("ZHULIAN_DATA");
    return folder && path && strncmp(path, folder, strlen(folder)) == 0;
}

static int is_read_only(void) {
    const char *sign = getenv("BENCH_READ_ONLY");
    int kept = errno, found = sign && access(sign, F_OK) == 0;
    errno = kept;
    return found;
}

static int refused_path(const char *path) {
    if (!below(path) || !is_read_only()) return 0;
    errno = EROFS;
    return 1;
}

static int refused_handle(int handle) {
    char link[64], path[PATH_MAX];
    if (handle < 3 || !is_read_only()) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return refused_path(path);
}

#define REAL(name) static __typeof__(name) *real; if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
#define BY_HANDLE(result, name, declared, given) \
    result name declared { \
        REAL(name); \
        return refused_handle(handle) ? -1 : real given; \
    }
#define BY_PATH(result, name, declared, given) \
    result name declared { \
        REAL(name); \
        return refused_path(path) ? -1 : real given; \
    }
#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); \
        REAL(name); \
        return (flags & (O_WRONLY | O_RDWR | O_CREAT)) && refused_path(path) ? -1 : real(path, flags, mode); \
    }
#define OPENAT(name) \
    int name(int folder, const char *path, int flags, ...) { \
        va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); \
        REAL(name); \
        return (flags & (O_WRONLY | O_RDWR | O_CREAT)) && refused_path(path) ? -1 : real(folder, path, flags, mode); \
    }

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)
BY_HANDLE(ssize_t, write, (int handle, const void *data, size_t size), (handle, data, size))
BY_HANDLE(ssize_t, writev, (int handle, const struct iovec *parts, int count), (handle, parts, count))
BY_HANDLE(ssize_t, pwrite, (int handle, const void *data, size_t size, off_t at), (handle, data, size, at))
BY_HANDLE(ssize_t, pwrite64, (int handle, const void *data, size_t size, off64_t at), (handle, data, size, at))
BY_HANDLE(int, ftruncate, (int handle, off_t size), (handle, size))
BY_HANDLE(int, ftruncate64, (int handle, off64_t size), (handle, size))
BY_PATH(int, mkdir, (const char *path, mode_t mode), (path, mode))
BY_PATH(int, unlink, (const char *path), (path))
BY_PATH(int, rmdir, (const char *path), (path))
BY_PATH(int, rename, (const char *path, const char *to), (path, to))
BY_PATH(int, link, (const char *path, const char *to), (path, to))
