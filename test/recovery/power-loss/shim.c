/*
 * A disk that loses power, for a real process: loaded with LD_PRELOAD, it watches what a program does to the files below
 * one directory, and remembers what was there before for everything that was not synced since. At the n-th operation it
 * takes back, keeps or tears what was not synced, page by page and name by name, and kills the process.
 *
 *   POWER_LOSS_DIRECTORY   files below it are watched
 *   POWER_LOSS_STASH       an empty directory on the same file system, for names that may have to come back
 *   POWER_LOSS_COUNTER     a file; its first 8 bytes count operations, so that somebody else can see how many there were
 *   POWER_LOSS_AT          the operation at which the power goes; absent or 0: never
 *   POWER_LOSS_SEED        of the random choices
 *   POWER_LOSS_LIES        when set, nothing ever counts as synced: the test has to find this
 *
 * Operations are writes, truncations, syncs of files and directories, and changes of names. The power may go in the
 * middle of a write. Names go as a journal loses them: the last changes that were not synced are undone, newest first.
 * Syncs are not passed on: the machine under this process is expected to live.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE 4096
#define SECTOR 512
#define MAX_FDS 65536

/* A page that has changed since its file was synced. */
typedef struct {
  bool is_dirty;
  /* As it was when it was synced; NULL for a page past the end, which holds zeros. */
  unsigned char *before;
} Page;

/* A file by inode, with what is not synced of it. */
typedef struct File {
  ino_t inode;
  off_t synced_size;
  bool is_dirty;
  Page *pages;
  off_t page_count;
  struct File *next;
} File;

typedef enum { CREATED, RENAMED, REMOVED, MADE_DIRECTORY } ChangeKind;

/* A change of names whose directory was not synced since. */
typedef struct Change {
  ChangeKind kind;
  char from[PATH_MAX];
  char to[PATH_MAX];
  /* Holds what a rename replaced or a removal took away; empty when there was nothing. */
  char stash[PATH_MAX];
  struct Change *older;
} Change;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *path_of[MAX_FDS];
static File *files;
static Change *changes;
static char directory[PATH_MAX];
static char stash[PATH_MAX];
static size_t directory_length;
static volatile uint64_t *counter;
static uint64_t crash_at;
static uint64_t state;
static unsigned stash_count;
static bool lies;

static int (*real_open)(const char *, int, ...);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwritev)(int, const struct iovec *, int, off_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static int (*real_ftruncate)(int, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_rename)(const char *, const char *);
static int (*real_unlink)(const char *);
static int (*real_mkdir)(const char *, mode_t);
static int (*real_close)(int);

__attribute__((constructor)) static void begin(void) {
  real_open = dlsym(RTLD_NEXT, "open");
  real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
  real_write = dlsym(RTLD_NEXT, "write");
  real_pwritev = dlsym(RTLD_NEXT, "pwritev64");
  real_writev = dlsym(RTLD_NEXT, "writev");
  real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  real_rename = dlsym(RTLD_NEXT, "rename");
  real_unlink = dlsym(RTLD_NEXT, "unlink");
  real_mkdir = dlsym(RTLD_NEXT, "mkdir");
  real_close = dlsym(RTLD_NEXT, "close");
  const char *watched = getenv("POWER_LOSS_DIRECTORY");
  const char *stash_path = getenv("POWER_LOSS_STASH");
  const char *counter_path = getenv("POWER_LOSS_COUNTER");
  if (watched == NULL || stash_path == NULL || counter_path == NULL) return;
  snprintf(directory, sizeof directory, "%s", watched);
  directory_length = strlen(directory);
  snprintf(stash, sizeof stash, "%s", stash_path);
  const char *at = getenv("POWER_LOSS_AT");
  const char *seed = getenv("POWER_LOSS_SEED");
  crash_at = at == NULL ? 0 : strtoull(at, NULL, 10);
  state = (seed == NULL ? 1 : strtoull(seed, NULL, 10)) * 0x9e3779b97f4a7c15ull + 1;
  lies = getenv("POWER_LOSS_LIES") != NULL;
  int fd = real_open(counter_path, O_RDWR | O_CREAT, 0600);
  if (fd < 0 || real_ftruncate(fd, sizeof(uint64_t)) != 0) abort();
  counter = mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (counter == MAP_FAILED) abort();
  real_close(fd);
}

static uint32_t chance(uint32_t limit) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)((state >> 11) % limit);
}

static bool is_watched(const char *path) {
  return directory_length > 0 && strncmp(path, directory, directory_length) == 0 &&
         (path[directory_length] == '/' || path[directory_length] == '\0');
}

static const char *watched_path(int fd) {
  return fd >= 0 && fd < MAX_FDS ? path_of[fd] : NULL;
}

static File *file_of(int fd) {
  struct stat status;
  if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return NULL;
  for (File *file = files; file != NULL; file = file->next)
    if (file->inode == status.st_ino) return file;
  File *file = calloc(1, sizeof *file);
  file->inode = status.st_ino;
  file->synced_size = status.st_size;
  file->next = files;
  files = file;
  return file;
}

/* Before bytes from `start` to `end` change: keeps the pages that were synced. */
static void remember(int fd, off_t start, off_t end) {
  File *file = file_of(fd);
  if (file == NULL || start >= end) return;
  off_t needed = (end + PAGE - 1) / PAGE;
  if (needed > file->page_count) {
    off_t count = needed > file->page_count * 2 ? needed : file->page_count * 2;
    file->pages = realloc(file->pages, count * sizeof(Page));
    if (file->pages == NULL) abort();
    memset(file->pages + file->page_count, 0, (count - file->page_count) * sizeof(Page));
    file->page_count = count;
  }
  file->is_dirty = true;
  for (off_t index = start / PAGE; index < needed; index++) {
    Page *page = &file->pages[index];
    if (page->is_dirty) continue;
    page->is_dirty = true;
    if (index * PAGE >= file->synced_size) continue;
    page->before = calloc(1, PAGE);
    if (page->before == NULL || pread(fd, page->before, PAGE, index * PAGE) < 0) abort();
  }
}

static void forget(int fd) {
  if (lies) return;
  File *file = file_of(fd);
  struct stat status;
  if (file == NULL || fstat(fd, &status) != 0) return;
  file->synced_size = status.st_size;
  if (!file->is_dirty) return;
  file->is_dirty = false;
  for (off_t index = 0; index < file->page_count; index++) {
    free(file->pages[index].before);
    file->pages[index] = (Page){false, NULL};
  }
}

static bool is_directly_in(const char *path, const char *parent) {
  size_t length = strlen(parent);
  return strncmp(path, parent, length) == 0 && path[length] == '/' && strchr(path + length + 1, '/') == NULL;
}

static void note_change(ChangeKind kind, const char *from, const char *to, const char *stashed) {
  Change *change = calloc(1, sizeof *change);
  change->kind = kind;
  snprintf(change->from, sizeof change->from, "%s", from);
  snprintf(change->to, sizeof change->to, "%s", to);
  snprintf(change->stash, sizeof change->stash, "%s", stashed);
  change->older = changes;
  changes = change;
}

/* The directory was synced: its changes are there to stay. */
static void settle(const char *parent) {
  if (lies) return;
  for (Change **link = &changes; *link != NULL;) {
    Change *change = *link;
    if (!is_directly_in(change->from, parent) && !is_directly_in(change->to, parent)) {
      link = &change->older;
      continue;
    }
    if (change->stash[0] != '\0') real_unlink(change->stash);
    *link = change->older;
    free(change);
  }
}

static void undo(const Change *change) {
  switch (change->kind) {
    case CREATED:
      real_unlink(change->from);
      break;
    case MADE_DIRECTORY:
      rmdir(change->from);
      break;
    case RENAMED:
      real_rename(change->to, change->from);
      if (change->stash[0] != '\0') real_rename(change->stash, change->to);
      break;
    case REMOVED:
      if (change->stash[0] != '\0') real_rename(change->stash, change->from);
      break;
  }
}

/* What the disk may hold of a file: each page as it was synced, as it is now, or a mix of the two by sectors. */
static void tear(int fd, const File *file) {
  struct stat status;
  if (fstat(fd, &status) != 0) return;
  off_t size = status.st_size;
  switch (chance(3)) {
    case 0:
      size = file->synced_size;
      break;
    case 1:
      if (size > file->synced_size) size = file->synced_size + chance((uint32_t)(size - file->synced_size));
      break;
  }
  static const unsigned char zeros[PAGE];
  for (off_t index = 0; index < file->page_count; index++) {
    if (!file->pages[index].is_dirty) continue;
    const unsigned char *before = file->pages[index].before;
    if (before == NULL) before = zeros;
    uint32_t fate = chance(3);
    for (off_t at = 0; at < PAGE; at += SECTOR) {
      bool is_lost = fate == 0 || (fate == 1 && chance(2) == 0);
      if (is_lost && real_pwrite(fd, before + at, SECTOR, index * PAGE + at) < 0) abort();
    }
  }
  if (real_ftruncate(fd, size) != 0) abort();
}

static void tear_all(void) {
  for (File *file = files; file != NULL; file = file->next) {
    if (!file->is_dirty) continue;
    for (int fd = 0; fd < MAX_FDS; fd++) {
      struct stat status;
      if (path_of[fd] == NULL || fstat(fd, &status) != 0 || status.st_ino != file->inode) continue;
      /* The descriptor may be open for reading alone. */
      char link[64];
      snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
      int writable = real_open(link, O_RDWR);
      if (writable >= 0) {
        tear(writable, file);
        real_close(writable);
      }
      break;
    }
  }
}

static void lose_power(void) {
  tear_all();
  uint32_t count = 0;
  for (Change *change = changes; change != NULL; change = change->older) count++;
  uint32_t lost = count == 0 ? 0 : chance(count + 1);
  for (Change *change = changes; change != NULL && lost > 0; change = change->older, lost--) undo(change);
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

/* Counts an operation; true when the power goes with it. */
static bool is_last(void) {
  uint64_t count = ++*counter;
  return crash_at > 0 && count >= crash_at;
}

static int open_watched(const char *path, int flags, mode_t mode) {
  if (!is_watched(path)) return real_open(path, flags, mode);
  pthread_mutex_lock(&lock);
  struct stat status;
  bool is_new = (flags & O_CREAT) != 0 && stat(path, &status) != 0;
  if (is_new && is_last()) lose_power();
  int fd = real_open(path, flags, mode);
  if (fd >= 0 && fd < MAX_FDS) {
    free(path_of[fd]);
    path_of[fd] = strdup(path);
    if (is_new) note_change(CREATED, path, "", "");
    file_of(fd);
  }
  pthread_mutex_unlock(&lock);
  return fd;
}

int open(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return open_watched(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return open_watched(path, flags, mode);
}

int close(int fd) {
  if (watched_path(fd) == NULL) return real_close(fd);
  pthread_mutex_lock(&lock);
  File *file = file_of(fd);
  if (file != NULL && file->is_dirty) {
    /* What is not synced has to be found again when the power goes: a copy of the descriptor stays. */
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 1000);
    if (copy >= 0 && copy < MAX_FDS) path_of[copy] = strdup(path_of[fd]);
  }
  free(path_of[fd]);
  path_of[fd] = NULL;
  int result = real_close(fd);
  pthread_mutex_unlock(&lock);
  return result;
}

static ssize_t write_watched(int fd, const void *bytes, size_t length, off_t offset) {
  pthread_mutex_lock(&lock);
  remember(fd, offset, offset + (off_t)length);
  if (is_last()) {
    if (real_pwrite(fd, bytes, chance((uint32_t)length + 1), offset) < 0) abort();
    lose_power();
  }
  ssize_t result = real_pwrite(fd, bytes, length, offset);
  pthread_mutex_unlock(&lock);
  return result;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset) {
  if (watched_path(fd) == NULL) return real_pwrite(fd, bytes, length, offset);
  return write_watched(fd, bytes, length, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  return pwrite64(fd, bytes, length, offset);
}

ssize_t write(int fd, const void *bytes, size_t length) {
  if (watched_path(fd) == NULL) return real_write(fd, bytes, length);
  off_t at = lseek(fd, 0, SEEK_CUR);
  ssize_t result = write_watched(fd, bytes, length, at);
  if (result > 0) lseek(fd, at + result, SEEK_SET);
  return result;
}

/* As several writes: the power may go between them. */
static ssize_t write_vector(int fd, const struct iovec *vector, int count, off_t offset) {
  ssize_t total = 0;
  for (int index = 0; index < count; index++) {
    ssize_t result = write_watched(fd, vector[index].iov_base, vector[index].iov_len, offset + total);
    if (result < 0) return total > 0 ? total : result;
    total += result;
    if ((size_t)result < vector[index].iov_len) break;
  }
  return total;
}

ssize_t pwritev64(int fd, const struct iovec *vector, int count, off_t offset) {
  if (watched_path(fd) == NULL) return real_pwritev(fd, vector, count, offset);
  return write_vector(fd, vector, count, offset);
}

ssize_t pwritev(int fd, const struct iovec *vector, int count, off_t offset) {
  return pwritev64(fd, vector, count, offset);
}

ssize_t writev(int fd, const struct iovec *vector, int count) {
  if (watched_path(fd) == NULL) return real_writev(fd, vector, count);
  off_t at = lseek(fd, 0, SEEK_CUR);
  ssize_t result = write_vector(fd, vector, count, at);
  if (result > 0) lseek(fd, at + result, SEEK_SET);
  return result;
}

int ftruncate64(int fd, off_t size) {
  if (watched_path(fd) == NULL) return real_ftruncate(fd, size);
  pthread_mutex_lock(&lock);
  struct stat status;
  if (fstat(fd, &status) == 0 && size < status.st_size) remember(fd, size, status.st_size);
  if (is_last()) lose_power();
  int result = real_ftruncate(fd, size);
  pthread_mutex_unlock(&lock);
  return result;
}

int ftruncate(int fd, off_t size) {
  return ftruncate64(fd, size);
}

static int sync_watched(int fd, int (*real)(int)) {
  const char *path = watched_path(fd);
  if (path == NULL) return real(fd);
  pthread_mutex_lock(&lock);
  if (is_last()) lose_power();
  struct stat status;
  if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) settle(path);
  else forget(fd);
  pthread_mutex_unlock(&lock);
  return 0;
}

int fsync(int fd) {
  return sync_watched(fd, real_fsync);
}

int fdatasync(int fd) {
  return sync_watched(fd, real_fdatasync);
}

static void stash_away(const char *path, char *target) {
  snprintf(target, PATH_MAX, "%.*s/%u", PATH_MAX - 32, stash, ++stash_count);
  if (link(path, target) != 0) target[0] = '\0';
}

int rename(const char *from, const char *to) {
  if (!is_watched(from)) return real_rename(from, to);
  pthread_mutex_lock(&lock);
  if (is_last()) lose_power();
  char stashed[PATH_MAX] = "";
  stash_away(to, stashed);
  int result = real_rename(from, to);
  if (result == 0) note_change(RENAMED, from, to, stashed);
  pthread_mutex_unlock(&lock);
  return result;
}

int unlink(const char *path) {
  if (!is_watched(path)) return real_unlink(path);
  pthread_mutex_lock(&lock);
  if (is_last()) lose_power();
  char stashed[PATH_MAX] = "";
  stash_away(path, stashed);
  int result = real_unlink(path);
  if (result == 0) note_change(REMOVED, path, "", stashed);
  pthread_mutex_unlock(&lock);
  return result;
}

int mkdir(const char *path, mode_t mode) {
  if (!is_watched(path)) return real_mkdir(path, mode);
  pthread_mutex_lock(&lock);
  if (is_last()) lose_power();
  int result = real_mkdir(path, mode);
  if (result == 0) note_change(MADE_DIRECTORY, path, "", "");
  pthread_mutex_unlock(&lock);
  return result;
}
