# SPDX-License-Identifier: Apache-2.0
"""The table of ratios."""
import json
import math
import os
import platform
import subprocess
import time


def machine(build):
    """One line about the machine, with the matrix-product ceiling measured by `graft profile`."""
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    flags = next((line for line in open("/proc/cpuinfo") if line.startswith("flags")), "")
    features = [name for name in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if name in flags.split()]
    ceiling = json.loads(subprocess.run([str(build / "bin" / "graft"), "profile", "mobilenet_v2", "--no-top",
                                         "--input-shape", "32,32,3", "--runs", "1", "--json", "--threads", "2"],
                                        check=True, capture_output=True, text=True).stdout)["ceiling_gflops"]
    return {"processor": model, "cores": os.cpu_count(), "features": features, "threads": 2,
            "system": platform.platform(), "ceiling_gflops": round(ceiling), "date": time.strftime("%Y-%m-%d"),
            "load": os.getloadavg()[0]}


def _class_of(name):
    return "bf16" if "bf16" in name else "float32"


def number(ratio):
    """A ratio as text; nothing where there is none of this class of precision."""
    return "" if ratio is None else f"{ratio:.2f}"


class Report:
    def __init__(self, about):
        self.about, self.cases = about, {}

    def add(self, name, case, results):
        self.cases[name] = (case, results)

    def ratio(self, name, peer, figure="ms"):
        """The peer's median (or best_ms) time by graft's in the same class of precision, or None."""
        results = self.cases[name][1]
        ours = results.get("graft bf16" if _class_of(peer) == "bf16" else "graft", {})
        theirs = results.get(peer, {})
        return theirs[figure] / ours[figure] if figure in ours and figure in theirs else None

    def rows(self, name):
        lines = [f"{name}"]
        for peer, result in self.cases[name][1].items():
            if "error" in result:
                lines.append(f"  {peer:16} not measured: {result['error']}")
                continue
            if "ms" not in result:
                lines.append(f"  {peer:16} {result}")
                continue
            ratio = None if peer.startswith("graft") else self.ratio(name, peer)
            lines.append(f"  {peer:16} {result['ms']:10.2f} ms  spread {result['spread'] * 100:4.0f} %  "
                         f"best {result['best_ms']:10.2f} ms  cold {result['cold_s']:6.2f} s  "
                         f"{result['memory_mb']:7.0f} MB" + (f"  ratio {ratio:.2f}" if ratio else ""))
        return "\n".join(lines)

    def summary(self):
        """Geometric means over the predict cases."""
        lines = []
        for label, peers in (("OpenVINO and ONNX Runtime, float32", ("openvino", "onnxruntime")),
                             ("OpenVINO, bf16", ("openvino bf16",)),
                             ("Keras and PyTorch, best of float32", ("keras", "torch nchw", "torch nhwc"))):
            ratios = []
            for name, (case, _) in self.cases.items():
                own = [r for r in (self.ratio(name, peer) for peer in peers) if r]
                if case["kind"] == "predict" and own:
                    ratios.append((min(own), name))
            if ratios:
                mean = math.exp(sum(math.log(r) for r, _ in ratios) / len(ratios))
                lines.append(f"predict against the fastest of {label}: {mean:.2f} in the geometric mean, "
                             f"least {min(ratios)[0]:.2f} ({min(ratios)[1]})")
        for name, (case, _) in self.cases.items():
            for key, peers in (("target", ("keras", "torch nchw", "torch nhwc")), ("target_bf16", ("torch bf16",))):
                own = [r for r in (self.ratio(name, peer) for peer in peers) if r]
                if case.get(key) and own:
                    verdict = "reached" if min(own) >= case[key] else "not reached"
                    lines.append(f"{name}: {min(own):.2f} against the fastest of {', '.join(peers)}, "
                                 f"wanted {case[key]}: {verdict}")
        return "\n".join(lines)

    def markdown(self):
        a = self.about
        text = (f"{a['cores']} cores of {a['processor']} ({', '.join(a['features'])}), {a['threads']} threads each; "
                f"{a['system']}; matrix-product ceiling {a['ceiling_gflops']} GFLOP/s in float32; {a['date']}; "
                f"load before {a['load']:.2f}\n\n"
                "| case | program | median ms | spread | best ms | cold s | peak MB | ratio | of the bests |\n" + "|---" * 9 + "|\n")
        for name, (_, results) in self.cases.items():
            for peer, result in results.items():
                if "ms" not in result:
                    text += f"| {name} | {peer} | {result.get('error', result)} |" + " |" * 7 + "\n"
                    continue
                ratios = " | " if peer.startswith("graft") else \
                    f"{number(self.ratio(name, peer))} | {number(self.ratio(name, peer, 'best_ms'))}"
                text += (f"| {name} | {peer} | {result['ms']:.2f} | {result['spread'] * 100:.0f} % | {result['best_ms']:.2f} | "
                         f"{result['cold_s']:.2f} | {result['memory_mb']:.0f} | {ratios} |\n")
        return text + "\n" + self.summary() + "\n"

    def figures(self):
        return {"machine": self.about, "cases": {name: results for name, (_, results) in self.cases.items()}}
