# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0

# Run by CPack on the tree that it is about to pack: what Debian's policy wants beside it, in the .deb
# alone: documents by their names (12.5, 12.7), and manual pages (12.1), which are what --help prints.

if(NOT CPACK_GENERATOR STREQUAL "DEB")
  return()
endif()
set(usr ${CPACK_TEMPORARY_DIRECTORY}/usr)
set(documents ${usr}/share/doc/roofproof)

function(compress file)
  execute_process(COMMAND gzip -9n ${file} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(RENAME ${documents}/CHANGELOG.md ${documents}/changelog)
compress(${documents}/changelog)
string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE ${documents}/changelog.Debian
"roofproof (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) stable; urgency=medium

  * Packed by CPack; what changed is in changelog.gz.

 -- ${CPACK_DEBIAN_PACKAGE_MAINTAINER}  ${now}
")
compress(${documents}/changelog.Debian)

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

file(MAKE_DIRECTORY ${usr}/share/man/man1)
foreach(program bench_all roofproof)
  execute_process(COMMAND ${usr}/bin/${program} --help OUTPUT_VARIABLE help COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE "\\" "\\e" help "${help}")
  string(REPLACE "-" "\\-" help "${help}")
  string(REPLACE "\n" "\n\\&" help "\\&${help}")  # also lines that begin as requests do
  set(page ${usr}/share/man/man1/${program}.1)
  file(WRITE ${page} ".TH ${program} 1\n.SH NAME\n${program} \\- ${CPACK_PACKAGE_DESCRIPTION_SUMMARY}\n"
                     ".SH DESCRIPTION\n.nf\n${help}\n.fi\n")
  compress(${page})
endforeach()
