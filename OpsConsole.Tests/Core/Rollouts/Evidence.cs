using System.Text.Json;
using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Worksheets;
using OpsConsole.Tests.Core.Decisions;

namespace OpsConsole.Tests.Core.Rollouts;

/// <summary>Evidence to look for requirements in: a rollout with its three owners, a matrix in force, and whatever stands in its sheets.</summary>
internal static class Evidence
{
    public const string Matrix = """
    { "default": "deny", "boundaries": [ { "action": "payment.*", "reason": "never" } ],
      "rules": [ { "id": "R-1", "action": "refund.create", "outcome": "approve", "approvers": ["user:rita@example.com", "user:will@example.com"] } ] }
    """;

    public static readonly PersonEntry[] Three = [Worlds.Person("rita"), Worlds.Person("will"), Worlds.Person("ines")];

    public static RolloutEvidence Of(string matrix = Matrix, string actions = """[{"action":"refund.create"}]""", PersonEntry[]? people = null, (string Person, RolloutRole Role, bool Deputy)[]? members = null,
        (string Field, string Text)[]? texts = null, Confirmation[]? confirmations = null, RoutingDrill[]? drills = null, AgentFacts[]? agents = null)
    {
        var document = MatrixJson.Parse(JsonElement.Parse(matrix)).Value;
        var directory = Worlds.People(people ?? Three);
        var rollout = Worlds.Rollout with
        {
            Policy = CompiledPolicy.Compile(document, 1),
            Members = [.. (members ?? [("rita", RolloutRole.RolloutOwner, false), ("will", RolloutRole.WorkflowOwner, false), ("ines", RolloutRole.IncidentOwner, false)]).Select(m => ("per_" + m.Person, m.Role, m.Deputy))],
        };
        var catalogue = ActionCatalogue.Parse(JsonElement.Parse(actions)).Value;
        var standing = MatrixStanding.Of(new MatrixKey(1, 0, 1), document, catalogue, ApproverLookup.For(directory, rollout));
        var fields = (texts ?? []).Select((t, i) => new Patch("rol_1", $"patch-{i}", FieldKey.Parse(t.Field)!.Value, [], t.Text, "per_rita", Worlds.Now)).GroupBy(p => p.Field).ToDictionary(g => g.Key, Register.Of);
        return new RolloutEvidence(rollout, directory, document, standing, fields, agents ?? [], confirmations ?? [], drills ?? []);
    }

    /// <summary>Confirmed by somebody on what stands there in <paramref name="about"/>.</summary>
    public static Confirmation Confirmed(string person, string subject, RolloutEvidence about)
    {
        var confirmation = new Confirmation("rol_1", subject, "per_" + person);
        confirmation.Say("In my own words", "https://example.com", ConfirmationRules.Ground(subject, about), Worlds.Now);
        return confirmation;
    }
}
