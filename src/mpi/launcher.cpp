// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <string>

#include "graft/base/fail.hpp"
#include "graft/mpi/mpi.hpp"

namespace graft::mpi {

bool is_launched() {
  // Open MPI; MPICH and Intel MPI (Hydra) and srun --mpi=pmi2; PMIx, which is also srun --mpi=pmix; MVAPICH.
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK", "MV2_COMM_WORLD_SIZE"}) {
    if (std::getenv(name) != nullptr) return true;
  }
  // A task of srun, not the batch script, whose SLURM_NTASKS is that of the job.
  const char* tasks = std::getenv("SLURM_STEP_NUM_TASKS");
  if (tasks != nullptr && std::getenv("SLURM_STEP_ID") != nullptr && std::atoi(tasks) > 1) {
    fail(ErrorKind::invalid_argument, "srun started ", tasks,
         " tasks that do not know of each other; start them with srun --mpi=pmix (srun --mpi=list names what "
         "there is)");
  }
  return false;
}

}  // namespace graft::mpi
