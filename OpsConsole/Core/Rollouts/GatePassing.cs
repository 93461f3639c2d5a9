using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Rollouts;

/// <summary>Whether a gate may be passed with what is met and what is waived.</summary>
public static class GatePassing
{
    /// <summary>The ids of the criteria that are unmet and waived, to be recorded with the pass. Faults: <c>gate.unmet</c> with the criteria that stand in the way; a waived id that the gate does not have.</summary>
    /// <param name="waive">Ids of criteria, or <c>*</c> for everything that is unmet.</param>
    public static Result<IReadOnlyList<string>> Waivers(Gate gate, IReadOnlyList<Requirement> criteria, IReadOnlyCollection<string> waive)
    {
        var all = waive.Contains("*");
        if (waive.FirstOrDefault(w => w != "*" && criteria.All(c => c.Id != w)) is { } unknown)
            return Fault.Invalid("field.invalid", $"waive: gate {gate} has no criterion '{(unknown.Length > 60 ? unknown[..60] : unknown)}'. It has: {string.Join(", ", criteria.Select(c => c.Id))}.", "waive");
        var unmet = criteria.Where(c => !c.Met).ToList();
        var inTheWay = unmet.Where(c => !all && !waive.Contains(c.Id)).ToList();
        if (inTheWay.Count == 0) return unmet.Select(c => c.Id).ToArray();
        var words = string.Join("; ", inTheWay.Select(c => $"{c.Text} ({c.Evidence})"));
        return Fault.Refused("gate.unmet", $"Gate {gate} is not passed. Unmet and not waived: {words}.", "waive",
            new Dictionary<string, object?> { ["criteria"] = inTheWay.Select(c => new { c.Id, c.Text, c.Met, c.Evidence, Waived = false }).ToArray() });
    }
}
