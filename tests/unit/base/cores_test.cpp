// SPDX-License-Identifier: Apache-2.0
// CPU quotas of control groups, read from a folder that stands for the root of the file system.
#include "base/cores.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "support.hpp"

namespace graft::base {
namespace {

namespace fs = std::filesystem;

class CpuQuota : public testing::Test {
 protected:
  void write(const fs::path& file, const std::string& text) {
    fs::create_directories((root() / file).parent_path());
    std::ofstream(root() / file) << text;
  }
  [[nodiscard]] fs::path root() const { return folder_.path(); }

 private:
  test::TemporaryFolder folder_;
};

TEST_F(CpuQuota, NoControlGroupsMeanNoLimit) { EXPECT_EQ(cpu_quota(root()), std::nullopt); }

TEST_F(CpuQuota, VersionTwoIsQuotaByPeriod) {
  write("proc/self/cgroup", "0::/\n");
  write("sys/fs/cgroup/cpu.max", "150000 100000\n");
  EXPECT_EQ(cpu_quota(root()), 1.5);
}

TEST_F(CpuQuota, MaxIsNoLimit) {
  write("proc/self/cgroup", "0::/\n");
  write("sys/fs/cgroup/cpu.max", "max 100000\n");
  EXPECT_EQ(cpu_quota(root()), std::nullopt);
}

TEST_F(CpuQuota, TheSmallestLimitOfNestedGroupsCounts) {
  write("proc/self/cgroup", "0::/slice/service/inner\n");
  write("sys/fs/cgroup/slice/cpu.max", "400000 100000\n");
  write("sys/fs/cgroup/slice/service/cpu.max", "200000 100000\n");
  write("sys/fs/cgroup/slice/service/inner/cpu.max", "max 100000\n");
  write("sys/fs/cgroup/other/cpu.max", "100000 100000\n");  // not a parent of this process's group
  EXPECT_EQ(cpu_quota(root()), 2.0);
}

TEST_F(CpuQuota, AGroupOutsideTheContainersMountLeavesTheMountsRoot) {
  write("proc/self/cgroup", "0::/docker/4f5e\n");  // its folder is not visible inside the container
  write("sys/fs/cgroup/cpu.max", "300000 100000\n");
  EXPECT_EQ(cpu_quota(root()), 3.0);
}

TEST_F(CpuQuota, VersionOneReadsTheCpuController) {
  write("proc/self/cgroup", "12:memory:/docker\n5:cpu,cpuacct:/docker\n");
  write("sys/fs/cgroup/cpu/docker/cpu.cfs_quota_us", "250000\n");
  write("sys/fs/cgroup/cpu/docker/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cpu_quota(root()), 2.5);
}

TEST_F(CpuQuota, VersionOneWithoutQuotaIsNoLimit) {
  write("proc/self/cgroup", "5:cpu,cpuacct:/\n6:cpuset:/\n");
  write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cpu_quota(root()), std::nullopt);
}

TEST_F(CpuQuota, BothVersionsTogetherGiveTheSmaller) {
  write("proc/self/cgroup", "5:cpu:/\n0::/\n");
  write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "100000\n");
  write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  write("sys/fs/cgroup/cpu.max", "800000 100000\n");
  EXPECT_EQ(cpu_quota(root()), 1.0);
}

TEST_F(CpuQuota, BrokenFilesAreNoLimit) {
  write("proc/self/cgroup", "nonsense\n0::/\n:\n");
  write("sys/fs/cgroup/cpu.max", "many 0\n");
  EXPECT_EQ(cpu_quota(root()), std::nullopt);
}

}  // namespace
}  // namespace graft::base
