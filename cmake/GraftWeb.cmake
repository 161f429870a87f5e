# The page of report.html from web/: TypeScript checked by tsc, bundled by esbuild with d3's modules, put into one file. All tools
# are Debian packages, so a build needs no network: docs/decisions/0040-web-tools.md.
find_program(GRAFT_TSC tsc)
find_program(GRAFT_ESBUILD esbuild)
find_program(GRAFT_NODE node)
find_path(GRAFT_NODE_MODULES d3-shape/package.json PATHS /usr/share/nodejs /usr/lib/node_modules /usr/lib/nodejs NO_DEFAULT_PATH)
if(NOT GRAFT_TSC OR NOT GRAFT_ESBUILD OR NOT GRAFT_NODE OR NOT GRAFT_NODE_MODULES OR NOT EXISTS "${GRAFT_NODE_MODULES}/d3-scale/package.json")
  message(FATAL_ERROR "The page of report.html needs tsc, esbuild, node and d3's modules: run scripts/install_dependencies, or install node-typescript esbuild nodejs node-d3-scale node-d3-shape")
endif()

# graft_web_page(NAME SCRIPT PAGE STYLE): build/web/NAME.html from files below web/: the script is bundled, its and the style's
# hashes stand in the page's Content-Security-Policy.
file(GLOB_RECURSE web_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/web/*.ts")
file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/web")
function(graft_web_page name script page style)
  set(web "${PROJECT_SOURCE_DIR}/web")
  set(out "${PROJECT_BINARY_DIR}/web/${name}")
  add_custom_command(
    OUTPUT "${out}.html"
    COMMAND "${GRAFT_TSC}" --project "${web}/tsconfig.json"
    COMMAND "${CMAKE_COMMAND}" -E env "NODE_PATH=${GRAFT_NODE_MODULES}" "${GRAFT_ESBUILD}" "${web}/${script}" --bundle --minify
            --format=iife --target=es2020 --charset=ascii --log-level=warning "--outfile=${out}.js"
    COMMAND "${GRAFT_ESBUILD}" "${web}/${style}" --bundle --minify --log-level=warning "--outfile=${out}.css"
    COMMAND "${GRAFT_NODE}" "${web}/assemble.mjs" "${web}/${page}" "${out}.css" "${out}.js" "${out}.html"
    DEPENDS ${web_sources} "${web}/tsconfig.json" "${web}/${page}" "${web}/${style}" "${web}/base.css" "${web}/assemble.mjs"
    COMMENT "Bundling the page ${name}.html"
    VERBATIM)
endfunction()

set(GRAFT_REPORT_PAGE "${PROJECT_BINARY_DIR}/web/report_page.html")
graft_web_page(report_page src/main.ts page.html style.css)
set(GRAFT_PHONE_PAGE "${PROJECT_BINARY_DIR}/web/phone_page.html")
graft_web_page(phone_page phone/main.ts phone/page.html phone/style.css)
set(GRAFT_STUDIO_PAGE "${PROJECT_BINARY_DIR}/web/studio_page.html")
graft_web_page(studio_page studio/main.ts studio/page.html studio/style.css)
