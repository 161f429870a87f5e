"""scikit-learn's figures of several labels a photo: labels.json. Run with scikit-learn 1.9, scipy and numpy."""
import json
import pathlib

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn import metrics

OUT = pathlib.Path(__file__).resolve().parent.parent / "labels.json"


def table(seed, photos, shares, sharpness):
    """Labels of these shares, and logits that know something of them; three decimals, so that float32 holds them."""
    random = np.random.RandomState(seed)
    truth = (random.uniform(size=(photos, len(shares))) < shares).astype(int)
    logits = sharpness * (2 * truth - 1 + random.normal(0, 1.3, truth.shape) + np.log(shares) / 2)
    return truth, np.round(logits, 3)


def figures(truth, logits, thresholds):
    probabilities = (1 / (1 + np.exp(-logits.astype(np.float64)))).astype(np.float32)
    given = (probabilities >= thresholds).astype(int)
    present = truth.sum(axis=0) > 0
    each = metrics.precision_recall_fscore_support(truth, given, zero_division=0)
    return {
        "mean_average_precision": metrics.average_precision_score(truth[:, present], probabilities[:, present]),
        "f1_micro": metrics.f1_score(truth, given, average="micro"),
        "f1_macro": metrics.f1_score(truth, given, average="macro", zero_division=0),
        "exact_match": metrics.accuracy_score(truth, given),
        "hamming_loss": metrics.hamming_loss(truth, given),
        "average_precision": [
            metrics.average_precision_score(truth[:, k], probabilities[:, k]) if present[k] else 0 for k in range(truth.shape[1])
        ],
        "precision": each[0].tolist(),
        "recall": each[1].tolist(),
        "f1": each[2].tolist(),
        "photos": each[3].tolist(),
        # The mean over labels of the mean over photos is the mean over all decisions.
        "loss": float(np.mean([metrics.log_loss(truth[:, k], 1 / (1 + np.exp(-logits[:, k])), labels=[0, 1]) for k in range(truth.shape[1])])),
        "have_together": (truth.T @ truth).tolist(),
        "given_together": (given.T @ given).tolist(),
    }


def temperature(truth, logits):
    """What divides all logits for the least log loss, where each of n decisions counts 1 / (n + 2) as the other one."""
    doubt = 1 / (truth.size + 2)
    soft = truth * (1 - doubt) + (1 - truth) * doubt
    loss = lambda log: np.mean(np.logaddexp(0, logits / np.exp(log)) - soft * logits / np.exp(log))
    return float(np.exp(minimize_scalar(loss, bounds=(np.log(0.05), np.log(20)), method="bounded", options={"xatol": 1e-9}).x))


def main():
    cases = []
    for seed, photos, shares, sharpness in [(1, 60, [0.5, 0.3, 0.1, 0.05], 1), (2, 200, [0.2, 0.4, 0.02, 0.7, 0.3], 3), (3, 12, [0.5, 0.001], 2)]:
        truth, logits = table(seed, photos, np.array(shares), sharpness)
        thresholds = [round(0.35 + 0.1 * k, 2) for k in range(len(shares))]
        cases.append(
            {
                "truth": truth.tolist(),
                "logits": logits.tolist(),
                "thresholds": thresholds,
                "figures": figures(truth, logits, thresholds),
                "temperature": temperature(truth, logits),
            }
        )
    OUT.write_text(json.dumps(cases) + "\n")


if __name__ == "__main__":
    main()
