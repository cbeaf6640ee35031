# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0

# Run by CPack on the tree that it is about to pack: names and compresses documents as Debian's policy
# wants them (12.5, 12.7), in the .deb alone.

if(CPACK_GENERATOR STREQUAL "DEB")
  set(documents ${CPACK_TEMPORARY_DIRECTORY}/usr/share/doc/roofproof)
  execute_process(COMMAND gzip -9n ${documents}/CHANGELOG.md COMMAND_ERROR_IS_FATAL ANY)
  file(RENAME ${documents}/CHANGELOG.md.gz ${documents}/changelog.gz)
  file(REMOVE ${documents}/LICENSE)
  file(WRITE ${documents}/copyright
"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: roofproof

Files: *
Copyright: 2026 The roofproof authors
License: Apache-2.0
 On Debian systems the full text of the Apache License, version 2.0, is in
 /usr/share/common-licenses/Apache-2.0.
Comment:
 The libraries in /usr/lib/roofproof, and those compiled into the programs,
 have licences of their own: see /usr/share/doc/roofproof/licences.
")
endif()
