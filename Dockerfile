# graft on Debian 13, as small as its libraries allow:
#   docker build -t graft .
#   docker run --rm -v "$PWD:/work" -v graft-weights:/weights graft train photos --out pets
# scripts/test_packages runs these steps in a Debian tree, without Docker.
FROM debian:trixie-slim AS build
COPY . /src
RUN apt-get update
RUN /src/scripts/install_dependencies --packages
RUN GRAFT_PACKAGE_BUILD=/build /src/scripts/build_packages /packages

FROM debian:trixie-slim
RUN --mount=type=bind,from=build,source=/packages,target=/packages \
    apt-get update && apt-get install -y --no-install-recommends ca-certificates /packages/*.deb && rm -rf /var/lib/apt/lists/*
ENV GRAFT_HOME=/weights GRAFT_CACHE=/tmp/graft
WORKDIR /work
ENTRYPOINT ["graft"]
CMD ["--help"]
