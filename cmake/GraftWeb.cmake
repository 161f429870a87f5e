# The page of report.html from web/: TypeScript checked by tsc, bundled by esbuild with d3's modules, put into one file. All tools
# are Debian packages, so a build needs no network: docs/decisions/0040-web-tools.md.
find_program(GRAFT_TSC tsc)
find_program(GRAFT_ESBUILD esbuild)
find_program(GRAFT_NODE node)
find_path(GRAFT_NODE_MODULES d3-shape/package.json PATHS /usr/share/nodejs /usr/lib/node_modules /usr/lib/nodejs NO_DEFAULT_PATH)
if(NOT GRAFT_TSC OR NOT GRAFT_ESBUILD OR NOT GRAFT_NODE OR NOT GRAFT_NODE_MODULES OR NOT EXISTS "${GRAFT_NODE_MODULES}/d3-scale/package.json")
  message(FATAL_ERROR "The page of report.html needs tsc, esbuild, node and d3's modules: run scripts/install_dependencies, or install node-typescript esbuild nodejs node-d3-scale node-d3-shape")
endif()

set(GRAFT_REPORT_PAGE "${PROJECT_BINARY_DIR}/web/report_page.html")
file(GLOB_RECURSE web_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/web/src/*.ts" "${PROJECT_SOURCE_DIR}/web/types/*.ts")
set(web_bundle "${PROJECT_BINARY_DIR}/web/report.js")
set(web_style "${PROJECT_BINARY_DIR}/web/style.css")
file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/web")
add_custom_command(
  OUTPUT "${GRAFT_REPORT_PAGE}"
  COMMAND "${GRAFT_TSC}" --project "${PROJECT_SOURCE_DIR}/web/tsconfig.json"
  COMMAND "${CMAKE_COMMAND}" -E env "NODE_PATH=${GRAFT_NODE_MODULES}" "${GRAFT_ESBUILD}" "${PROJECT_SOURCE_DIR}/web/src/main.ts" --bundle --minify
          --format=iife --target=es2020 --charset=ascii --log-level=warning "--outfile=${web_bundle}"
  COMMAND "${GRAFT_ESBUILD}" "${PROJECT_SOURCE_DIR}/web/style.css" --minify --log-level=warning "--outfile=${web_style}"
  COMMAND "${GRAFT_NODE}" "${PROJECT_SOURCE_DIR}/web/assemble.mjs" "${PROJECT_SOURCE_DIR}/web/page.html" "${web_style}" "${web_bundle}"
          "${GRAFT_REPORT_PAGE}"
  DEPENDS ${web_sources} "${PROJECT_SOURCE_DIR}/web/tsconfig.json" "${PROJECT_SOURCE_DIR}/web/page.html" "${PROJECT_SOURCE_DIR}/web/style.css"
          "${PROJECT_SOURCE_DIR}/web/assemble.mjs"
  COMMENT "Bundling the page of report.html"
  VERBATIM)
