// SPDX-License-Identifier: Apache-2.0
//
// What glibc declares for _GNU_SOURCE only, and Swift therefore does not see: the parts of posix_spawn that keep our
// descriptors and our folder from a child.
#ifndef CSPAWN_H
#define CSPAWN_H

#include <spawn.h>

/// A pipe whose ends no other child inherits. Returns 0, or the error's number.
int cspawn_pipe(int ends[2]);

/// Closes every descriptor of the child from a number on.
int cspawn_close_from(posix_spawn_file_actions_t *actions, int first);

/// Lets the child work in a folder.
int cspawn_change_folder(posix_spawn_file_actions_t *actions, const char *folder);

#endif
