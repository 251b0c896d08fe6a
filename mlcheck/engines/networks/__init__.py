"""Networks behind the top rungs of the ladder of `baseline`: a ResNet for images, a BERT for texts.

`image_network` and `text_network` return estimators with fit, predict and predict_proba, from scratch or from a local
folder of weights. Nothing here imports torch before something is fitted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcheck.engines.networks.estimators import Classifier, Learner, Regressor
    from mlcheck.model.dataset import Goal, Pixels


def image_network(
    goal: Goal, *, weights: str | None = None, seed: int = 0
) -> Classifier[Pixels] | Regressor[Pixels]:
    """Return an estimator for images, uint8 (n, height, width, 3).

    A ResNet from scratch, or a linear head on what the frozen encoder in the folder `weights` says of the images.
    Raises MlcheckError for a folder that holds no such weights.
    """
    from mlcheck.engines.networks.resnet import ScratchResNet

    if weights is None:
        return _wrapped(ScratchResNet(seed=seed), goal)
    from mlcheck.engines.networks.frozen import Frozen
    from mlcheck.engines.networks.image_encoder import encoder

    return _wrapped(Frozen(encoder(weights), seed=seed), goal)


def text_network(
    goal: Goal, *, weights: str | None = None, seed: int = 0
) -> Classifier[Sequence[str]] | Regressor[Sequence[str]]:
    """Return an estimator for texts, a sequence of n str, "" where missing.

    A small BERT from scratch, or a linear head on the mean of what the frozen encoder in the folder `weights` says of
    the words. Raises MlcheckError for a folder that holds no such weights.
    """
    from mlcheck.engines.networks.bert import ScratchBert

    if weights is None:
        return _wrapped(ScratchBert(seed=seed), goal)
    from mlcheck.engines.networks.frozen import Frozen
    from mlcheck.engines.networks.text_encoder import encoder

    return _wrapped(Frozen(encoder(weights), seed=seed), goal)


def _wrapped(learner: Learner[Any], goal: Goal) -> Classifier[Any] | Regressor[Any]:
    from mlcheck.engines.networks.estimators import Classifier, Regressor

    return Classifier(learner) if goal == "classification" else Regressor(learner)
