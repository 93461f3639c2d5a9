using OpsConsole.Core.Rollouts;

namespace OpsConsole.Tests.Core.Rollouts;

public sealed class GatesTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 9, 0, 0, TimeSpan.Zero);

    /// <summary>'A' passed, 'B-' passed and revoked, 'C!' passed with the gate below waived.</summary>
    [Theory]
    [InlineData("", Gate.None)]
    [InlineData("A", Gate.A)]
    [InlineData("A B C D", Gate.D)]
    [InlineData("B", Gate.None)]
    [InlineData("A C", Gate.A)]
    [InlineData("A B- C", Gate.A)]
    [InlineData("A- B C D", Gate.None)]
    [InlineData("A B C-  D", Gate.B)]
    [InlineData("C!", Gate.C)]
    [InlineData("A- B!", Gate.B)]
    [InlineData("A- B! C D", Gate.D)]
    [InlineData("A B- C! D", Gate.D)]
    [InlineData("A B C! D-", Gate.C)]
    public void InForce_PassedRevokedWaived_IsTheHighestThatStands(string records, Gate expected) =>
        Assert.Equal(expected, Gates.InForce(records.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Record)));

    [Fact]
    public void Override_AfterRevocation_IsStillShown()
    {
        var record = new GateRecord("rol_1", Gate.B);
        record.Pass("admin", Now, "must", ["matrix"], true);
        record.Revoke("admin", Now, "no");
        Assert.Equal((false, true, 0), (record.Passed, record.Override, record.Waived.Count));
        record.Pass("owner", Now, "now properly", [], false);
        Assert.True(record.Override);
    }

    [Fact]
    public void Criteria_WaivedAtThePass_AreMarkedAndTheRestIsNot()
    {
        var criteria = Gates.Criteria(Gate.B, Evidence.Of("""{"rules":[]}""", "[]", [], []), [Record("B!")]);
        Assert.Equal(["gate-a", "matrix", "actions", "approvers", "risk-lead", "escalation", "drill"], criteria.Select(c => c.Id));
        Assert.Equal("gate-a", Assert.Single(criteria, c => c.Waived).Id);
        Assert.All(criteria, c => Assert.False(c.Met));
    }

    private static GateRecord Record(string text)
    {
        var gate = Enum.Parse<Gate>(text[..1]);
        var record = new GateRecord("rol_1", gate);
        record.Pass("per_1", Now, "", text.EndsWith('!') ? ["gate-" + char.ToLowerInvariant((char)(text[0] - 1))] : [], false);
        if (text.EndsWith('-')) record.Revoke("per_1", Now, "");
        return record;
    }
}
