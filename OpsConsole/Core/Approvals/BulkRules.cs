using System.Text;
using System.Text.Json;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Approvals;

/// <summary>What requests have in common that one answer may decide together: asked by the same agent, under the same rule of the same version, for the same action, with arguments of the same shape.</summary>
/// <param name="Shape">As <see cref="BulkRules.Shape"/> gives it.</param>
public sealed record RequestKind(string RolloutId, string AgentId, string? RuleId, int MatrixVersion, string Action, string? ResourceType, string Shape);

/// <summary>Which requests may be decided together. Each keeps its own vote, digest and version: only the looking and the pressing is shared.</summary>
public static class BulkRules
{
    /// <summary>Names and types of everything in the value, whatever its order: equal for two values that differ only in what their fields say.</summary>
    public static string Shape(JsonElement value)
    {
        var shape = new StringBuilder();
        Write(value, shape);
        return shape.ToString();
    }

    /// <summary>Why this person may not decide this request together with others, or null.</summary>
    /// <returns><c>bulk.high_consequence</c>, <c>bulk.quorum</c>, <c>bulk.claimed</c>, <c>approval.decided</c>, or whatever keeps the person from deciding it at all.</returns>
    public static Fault? Refuse(ApprovalRequest request, string personId, Eligibility standing)
    {
        if (!request.Open) return Fault.Conflict("approval.decided", $"This was {request.Status.ToString().ToLowerInvariant()} already.");
        if (request.HighConsequence) return Fault.Refused("bulk.high_consequence", "Its consequence is high: open it and decide it by itself.");
        if (request.CurrentVotes.Any(v => v.PersonId == personId)) return Fault.Conflict("approval.decided", "You said yes to this already; it waits for others.");
        if (standing.Standing == Standing.NotYet) return Fault.Forbidden(standing.Why, "approval.not_your_turn");
        if (standing.Standing != Standing.Named) return Fault.Forbidden(standing.Standing == Standing.BreakGlass ? "You are not named for it; break-glass decides one request at a time." : standing.Why, "approval.not_decider");
        if (request.ClaimedBy is { } looking && looking != personId) return Fault.Refused("bulk.claimed", "Somebody else is looking at it: open it and decide it by itself.");
        if (request.Terms.Quorum - request.Approvals > 1) return Fault.Refused("bulk.quorum", "It needs more people than you: open it and decide it by itself.");
        return null;
    }

    private static void Write(JsonElement value, StringBuilder into)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                into.Append('{');
                foreach (var property in value.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal))
                {
                    into.Append(JsonSerializer.Serialize(property.Name)).Append(':');
                    Write(property.Value, into);
                    into.Append(',');
                }
                into.Append('}');
                break;
            case JsonValueKind.Array:
                // How many there are is a difference to look at, not another shape.
                into.Append('[').AppendJoin('|', value.EnumerateArray().Select(Shape).Distinct().Order(StringComparer.Ordinal)).Append(']');
                break;
            default:
                into.Append(value.ValueKind switch { JsonValueKind.String => 's', JsonValueKind.Number => 'n', JsonValueKind.True or JsonValueKind.False => 'b', _ => '0' });
                break;
        }
    }
}
