# A node in which something goes wrong; fault.go has what.
ARG NODE
FROM ${NODE}
ARG FAULT
ENV XTASK_TESTBED_FAULT=${FAULT}
