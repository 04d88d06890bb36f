# syntax=docker/dockerfile:1

# The service and every command, without the sources, on somebody else's PostgreSQL: docs/operate.md.
#   docker build --tag monedero .
#   docker build --tag monedero --build-arg OMIT= .    with the embedded database, for trying it out

ARG NODE=22-bookworm-slim

# What `npm pack` makes of this checkout, installed.
FROM node:${NODE} AS package
WORKDIR /checkout
# First what changes seldom: these layers are made again only when a package does.
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund
COPY . .
ARG OMIT=optional
RUN --mount=type=cache,target=/root/.npm \
	npm pack --pack-destination /tmp \
	&& npm install --prefix /opt/monedero --omit=dev ${OMIT:+--omit=${OMIT}} --ignore-scripts --no-audit --no-fund /tmp/monedero-*.tgz

FROM node:${NODE}
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/var/lib/monedero
COPY --from=package /opt/monedero /opt/monedero
RUN ln -s /opt/monedero/node_modules/.bin/monedero /usr/local/bin/monedero \
	&& install --directory --owner=node --group=node --mode=0700 /var/lib/monedero
USER node
WORKDIR /var/lib/monedero
# Of the embedded database, and for files that commands read and write. With DATABASE_URL the service writes nowhere.
VOLUME /var/lib/monedero
EXPOSE 3000
# No init in front of it: the first process answers the signals itself, and has no children.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
	CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then(({ok}) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["monedero"]
CMD ["start"]
