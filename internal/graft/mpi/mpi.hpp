// SPDX-License-Identifier: Apache-2.0
// The ranks that mpirun or srun started.
#pragma once

#include <memory>
#include <string>

#include "graft/cluster/communicator.hpp"

namespace graft::mpi {

/// Whether this process was started by a launcher of MPI, as one rank or the only one. Reads the environment.
/// Throws Error{invalid_argument} where Slurm started several tasks that do not know of each other.
[[nodiscard]] bool is_launched();
/// Initialises MPI; once in a process, on all ranks. Throws Error{unsupported} where graft was built without
/// MPI.
[[nodiscard]] std::unique_ptr<cluster::Communicator> connect();
/// Ends MPI, on all ranks, when all have done their work.
void disconnect();
/// Ends the processes of all ranks with this exit code, also those that wait.
[[noreturn]] void end_all(int code);

}  // namespace graft::mpi
