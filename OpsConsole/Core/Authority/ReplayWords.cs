using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;

namespace OpsConsole.Core.Authority;

/// <summary>Why a replayed answer differs: 'Under R-3 a person was asked. It was rejected. Under the draft's R-4 it runs alone.'</summary>
internal static class ReplayWords
{
    /// <param name="sample">About the answer without tier and gate.</param>
    public static string Of(ReplayCase recorded, in ReplayVerdict verdict, ReplayShift shift, bool sample)
    {
        var then = recorded.WasRow switch { ReplayCase.BoundaryRow => "Under a boundary ", ReplayCase.DefaultRow => "Under the default ", var row => $"Under {row} " };
        var now = verdict.NowRow switch { ReplayCase.BoundaryRow => "Under a boundary of the draft ", ReplayCase.DefaultRow => "Under the draft's default ", var row => $"Under the draft's {row} " };
        return $"{(sample ? "Without tier and gate: " : "")}{then}{shift.Was switch { Outcome.Allow => "it ran alone", Outcome.Pending => "a person was asked", _ => "it was denied" }}{Because(recorded.Reasons, sample)}.{Then(recorded.Person)} "
            + $"{now}{shift.Now switch { Outcome.Allow => "it runs alone", Outcome.Pending => "a person is asked", _ => "it is denied" }}{Because(verdict.Ruling!.Reasons, sample)}.";
    }

    // What made the answer another than the row's own.
    private static string Because(IReadOnlyList<Reason> reasons, bool sample)
    {
        List<string> by = [];
        foreach (var reason in reasons)
        {
            var word = reason.Code switch
            {
                "confidence.low" => "low confidence", "audience" => "outside the audience", "condition.unknown" => "a condition could not be read", "authority.irreversible" => "cannot be undone", _ when sample => null,
                "authority.no_gate" => "no gate passed", "authority.no_grant" => "no grant", "authority.gate" => "held back by the gate", "authority.tier" => "held back by the tier", _ => null,
            };
            if (word is not null && !by.Contains(word)) by.Add(word);
        }
        return by.Count == 0 ? "" : $" ({string.Join(", ", by)})";
    }

    private static string Then(ReplayPerson? person) => person?.Status switch
    {
        ApprovalStatus.Approved => " It was approved.", ApprovalStatus.Edited => " It was approved with changes.", ApprovalStatus.Rejected => " It was rejected.", ApprovalStatus.Expired => " Nobody answered in time.",
        ApprovalStatus.Cancelled => " The request was withdrawn.", ApprovalStatus.Pending => " It still waits.", _ => "",
    };
}
