"""A withdrawal is told from the comment alone. The first comments of each list are real ones."""

from __future__ import annotations

import pytest

from bot.model.withdrawal import says_withdrawn

WITHDRAWN = [
    (
        "Withdrawn by the authors due to substantial errors in the analysis that affect the main "
        "conclusions of the paper"
    ),
    (
        "This manuscript (arXiv:2503.03215) is being withdrawn at the supervisor's request. The "
        "content is preliminary and needs further internal revision and approval before public "
        "release. We will resubmit a revised version after completion."
    ),
    (
        "Withdrawn by the authors because the current version requires substantial revision in the "
        "description of the experimental settings."
    ),
    "arXiv admin note: This paper has been withdrawn by arXiv due to unverifiable authorship and affiliation",
    (
        "In order to prevent potential misunderstanding or misinterpretation of our findings, we "
        "request the complete withdrawal of this submission while we conduct a thorough revision"
    ),
    "Withdrawn by the authors to allow for substantial revision in light of valuable reviewer feedback.",
    (
        "This article is withdrawn at the request of the authors and supervisor because the "
        "manuscript was posted prematurely. The authors are not requesting removal, only that this "
        "version be marked as withdrawn"
    ),
    "Withdrawn due to an unresolved dispute regarding authorship eligibility and attribution",
    (
        "We wish to withdraw this preprint because the current statistical analysis of the "
        "experimental data is incomplete and requires re-verification."
    ),
    "<b>Withdrawn</b> due to errors in Section 3",
    "<p>This paper is <em>withdrawn</em>.</p>",
    "This paper has been withdrawn",
    (
        "This paper has been withdrawn by the authors. This paper has been accepted for publication "
        "in JGR-Space Physics. The latest version can be downloaded from http://rwcc.bao.ac.cn:8001/"
    ),
    "This paper has been withdrawn due to an error in Lemma 8",
    "withdrawn by arXiv administrators due to plagiarism. See http://arxiv.org/new/withdrawals.aug.07.html",
    (
        "This article has been administratively withdrawn because of authorship dispute and "
        "retraction by the journal"
    ),
    "This paper has been withdrawn by the author(s) due to some mistakes in this paper",
    "This papers has been withdrawn",
    "paper withdrawn by author",
    (
        "This article has been withdrawn because it has been merged with the earlier article (GCT3) "
        "in the series"
    ),
    (
        "This paper has been withdrawn by the author due to the publication on Bull. Math. Biol. 73 "
        "(2011) 151-180, that does not allow for publication on the arXiv"
    ),
    (
        "5 pages, 1 figures. This paper has been withdrawn by the author due to emphasis of the other "
        "articles of the author"
    ),
    "The authors have decided to withdraw the paper for further development",
    (
        "The authors have decided to withdraw this manuscript to undergo a comprehensive revision of "
        "the methodology and data analysis. The current version no longer accurately reflects the "
        "final scope"
    ),
    (
        "The authors have decided to withdraw this submission as the work is no longer intended for "
        "public dissemination at this time"
    ),
    "Withdrawn to reorganize and extend the current findings in a future version",
    (
        "Withdrawn after identifying that results in Section 5 require additional re-analysis before "
        "public dissemination"
    ),
    (
        "The paper has been withdrawn because it will undergo a major revision. The revised version "
        "will differ substantially from the current one, making replacement inappropriate"
    ),
    (
        "Withdrawn by arXiv administrators due to concerns about the validity of the data and "
        "incomplete Institutional Review Board requirements"
    ),
    "WITHDRAWN",
    "Withdrawn.",
    "12 pages, withdrawn",
    "Paper withdrawn",
    "The paper is withdrawn because of a gap in the proof of Theorem 2.3",
    "This paper has been withdrawn by the author due to a crucial sign error in equation 1",
    "This submission has been withdrawn by arXiv administrators because of disputed authorship",
    "I am withdrawing this paper because the main theorem is false",
    "We are withdrawing our preprint due to a bug in the code",
    "The author withdraws this paper due to an error in Section 3",
    "We decided to withdraw our work since the results could not be reproduced",
    "We retract this paper: the data were mislabelled",
    "This paper has been retracted",
    "Retracted by the authors",
    "This article has been removed by arXiv administrators due to copyright infringement",
    "This submission has been removed by arXiv administration due to falsified authorship",
    "Removed by arXiv administrators: article plagiarizes",
    "Withdrawal notice: the results in Table 2 are wrong",
    "Withdrawal requested by the authors",
    "The authors request the withdrawal of this preprint",
    "We have found a serious error and request withdrawal",
    "Article withdrawn at the request of the corresponding author",
    "The manuscript has been temporarily withdrawn pending approval by the company",
    "This version has been withdrawn; please see arXiv:2301.00001",
    "We hereby withdraw this submission",
    "The submission is withdrawn from arXiv by the authors",
    "withdrawn: fatal flaw in the main argument",
    "Submitted to PRL. This paper has been withdrawn by the authors due to a conflict of interest",
    "Draft; withdrawn due to error in the experiments",
    "This paper was withdrawn by the authors",
    "Unfortunately, a mistake was found in the proof, so I withdraw the paper",
    "the author has withdrawn this paper",
    "The authors have withdrawn this paper because the results are not correct",
    "Due to a mistake we have withdrawn the manuscript",
    "This paper is now withdrawn since a counterexample was found by J. Doe",
    "has been withdrawn due to errors",
    "superseded by arXiv:1234.5678, this paper is withdrawn",
    "Author list was wrong. We need to withdraw it",
    "Withdraw due to errors",
    "Withdrawn, superseded by arXiv:2301.00001",
    "Please withdraw this paper",
    "decided to withdraw",
    "The authors decided to withdraw",
    "Due to internal policy the authors choose to withdraw their manuscript",
    "Paper has been withdrawn by the author due to an error pointed out by a referee",
    "This paper has been temporarily withdrawn, as the authors want to improve it",
    "The work has been withdrawn because it contains proprietary information",
    "Withdrawn as it was submitted without the consent of all coauthors",
    "This paper has been withdrawn because it was superseded by arXiv:0901.1234",
    "The article has been withdrawn from the arXiv due to copyright issues",
    "withdrawn by submitter, new version to be submitted soon",
    "The paper has been withdrawn since the previous version contains an error",
    "Authors withdraw the submission",
    "This preprint has been withdrawn while we correct the analysis",
    "We have withdrawn this manuscript",
    "Admin note: withdrawn due to copyright",
    "The current version has been withdrawn to address comments",
    "The author requests that this paper be withdrawn",
    "Please ignore; withdrawn",
    "Withdrawn because a more general result was proved in [3]",
    "Withdrawn. A new version will be uploaded under a different title",
    (
        "arXiv admin note: withdrawn by arXiv administrators because the submitter did not have the "
        "right to agree to our license"
    ),
    "This paper has been retracted by the authors",
    "paper retracted",
    "Main result is wrong; the paper has been withdrawn",
    "The main theorem is incorrect. Withdrawn",
    "We withdraw the paper due to a fatal error in Theorem 1",
    "The results are incorrect and the paper is withdrawn",
    "An error was found in section 4, hence the paper is withdrawn",
    "Error in the proof of Lemma 3, withdrawn",
    "Version 2 withdraws the paper",
    "It has been withdrawn",
    "I have decided to withdraw this",
    "withdrawal",
]
NOT_WITHDRAWN = [
    (
        "This version supersedes the original arXiv submission and reflects the peer-reviewed journal "
        "publication under a new title, 21 pages"
    ),
    (
        'This work has been superseded by "A Hybrid Modeling Framework" arXiv:2603.15411 with an '
        "updated author list"
    ),
    "This is a revised version of the previously withdrawn manuscript",
    "Revised version of the previously withdrawn manuscript, 12 pages",
    (
        "6 pages, 6 figures, accepted for publication in the ApJ Letters. Modified version, removed "
        "typos, added references."
    ),
    "Edited in LaTeX, small typos removed, remainder term added",
    "1+22 pages, No figure; a previous result on 4-index tensor removed, presentation improved",
    "Withdrawn from ICLR 2026; revised version",
    "Submission withdrawn from NeurIPS 2025",
    "This paper was withdrawn from the proceedings of ICML and submitted to TMLR",
    "Withdrawn from the conference by the authors",
    "The paper was withdrawn from publication in Phys. Rev. D and is now accepted in JHEP",
    "ICLR 2025 withdrawn submission",
    "The previous version was withdrawn due to an error in Lemma 2, which is corrected here",
    "An earlier version of this paper was withdrawn because of a gap, now fixed",
    "v1 withdrawn due to a mistake in the experiments; this version corrects it",
    "Version 1 was withdrawn; this is the corrected version",
    "Corrected version; v2 has been withdrawn by mistake",
    "Replaces the withdrawn paper arXiv:2401.00001",
    "This paper replaces arXiv:2401.00001, which has been withdrawn",
    "arXiv:2401.00001 has been withdrawn and is subsumed by this paper",
    "Theorem 3 of the first version has been withdrawn",
    "The claim in Section 4 is withdrawn",
    "Section 5 has been withdrawn; 20 pages",
    "The conjecture on page 7 was retracted",
    "We study deformation retracts of configuration spaces",
    "17 pages, opioid withdrawal dataset available",
    "On alcohol withdrawal syndrome; 8 pages",
    "Includes material on cash withdrawal networks",
    "This paper has not been withdrawn",
    "Not withdrawn: the error reported earlier does not exist",
    "Paper reinstated after having been withdrawn by mistake",
    "The companion paper has been withdrawn",
    "21 pages, some figures removed",
    "Figure 3 removed by the authors",
    "Comments on the retracted paper by Smith et al.",
    "A comment on a retracted article in Nature",
    "On the retraction of scientific articles; 10 pages",
    "A study of withdrawn arXiv papers",
    "Dataset of withdrawn papers, 12 pages",
    "A note on the withdrawn manuscript by X. Y.",
    "withdrawn from consideration at Nature, now under review at PNAS",
    "Submitted to ICLR 2025 and withdrawn",
    "Section removed from the arXiv version",
    "A proof of Theorem 2 removed from arXiv version at the referee's request",
    "v6: revised version of the previously withdrawn manuscript",
    "Extended version of withdrawn submission to CVPR",
    "A corrected version of a paper that was withdrawn in 2019",
    "Resubmission of a withdrawn paper",
    "This version corrects the error that led to the withdrawal of the previous version",
    "Supersedes arXiv:1701.01234 (withdrawn)",
    "The withdrawal of version 2 was an error",
    "this is the extended version of our ACL submission (withdrawn)",
    "Previous version removed from arXiv",
    "25 pages. Section on withdrawn drugs updated",
    "This paper was not withdrawn by the authors",
    "The first author withdrew from the project",
    "First author has withdrawn from academia",
    "added data on withdrawn patents",
    "Supersedes the retracted version",
    "26 pages, comments welcome; withdrawn theorem removed",
    "Replaces arXiv:2105.00001 (withdrawn due to error)",
    "We removed the withdrawn claim",
    "Study of nicotine withdrawal in mice",
    "The paper was accepted by ICLR but withdrawn by us",
]


@pytest.mark.parametrize("comment", WITHDRAWN)
def test_a_comment_says_that_the_paper_is_withdrawn(comment: str) -> None:
    assert says_withdrawn(comment)


@pytest.mark.parametrize("comment", [None, "", *NOT_WITHDRAWN])
def test_a_comment_speaks_of_something_else(comment: str | None) -> None:
    assert not says_withdrawn(comment)
