# Weir as a small image: built by the SDK, run without it. The spool lives in /var/lib/weir: mount a volume there.
ARG SDK=mcr.microsoft.com/dotnet/sdk:10.0
# Not the chiseled one: the journal is read through libsystemd, which that has not.
ARG RUNTIME=mcr.microsoft.com/dotnet/aspnet:10.0-noble

FROM ${SDK} AS build
WORKDIR /source
COPY . .
# ReadyToRun: half of a short run's CPU time would be compilation otherwise.
RUN dotnet publish src/Node -c Release -r linux-x64 --self-contained false -p:PublishReadyToRun=true -o /weir \
 && mkdir -p /state

FROM ${RUNTIME}
COPY --from=build /weir /usr/lib/weir
# Owned by the user that runs, so that a fresh named volume is too.
COPY --from=build --chown=1654:1654 /state /var/lib/weir
USER 1654:1654
EXPOSE 12345
VOLUME /var/lib/weir
HEALTHCHECK --interval=10s --timeout=4s --start-period=5s CMD ["/usr/lib/weir/weir", "health"]
ENTRYPOINT ["/usr/lib/weir/weir"]
CMD ["run", "/etc/weir/config.alloy", "--storage.path=/var/lib/weir", "--server.http.listen-addr=0.0.0.0:12345"]
