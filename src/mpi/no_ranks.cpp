// SPDX-License-Identifier: Apache-2.0
// The twin of ranks.cpp for builds without MPI.
#include <cstdlib>

#include "graft/base/fail.hpp"
#include "graft/mpi/mpi.hpp"

namespace graft::mpi {

std::unique_ptr<cluster::Communicator> connect() {
  fail(ErrorKind::unsupported,
       "a launcher of MPI started this program, which was built without MPI; start graft without mpirun or "
       "srun, or build it with libopenmpi-dev or libmpich-dev installed");
}

void disconnect() {}

void end_all(int code) { std::_Exit(code); }

}  // namespace graft::mpi
