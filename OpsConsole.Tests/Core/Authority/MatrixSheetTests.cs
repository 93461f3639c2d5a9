using OpsConsole.Core.Authority;

namespace OpsConsole.Tests.Core.Authority;

public sealed class MatrixSheetTests
{
    [Fact]
    public void ToRows_AnyMatrix_IsReadBackExactly() => MatrixGenerators.Holds(HostileMatrices.Document, doc =>
    {
        var read = MatrixSheet.Read(MatrixSheet.ToRows(doc));
        Assert.Empty(read.Problems);
        Assert.Equal(MatrixJson.ToJson(doc), MatrixJson.ToJson(read.Document));
        return read.Default == doc.Default;
    });

    private static SheetReading Read(string tabs, params string[] taken) => MatrixSheet.Read(MatrixSheet.FromTabs(tabs), taken);

    [Fact]
    public void Read_WhatPeopleWriteIntoASpreadsheet()
    {
        var read = Read("""
            Action	Conditions	What happens	Who approves	If it goes wrong	Can be undone	Within	Notes
            refund.create	amount > 200	Needs approval	leads; dana@example.com	High	✓	15 min	Above the limit
            refund.create	amount ≤ 200	auto	-	low	yes	–	
            order.get	always	Alone		low	n		
            payment.*		NEVER					
            """);
        Assert.Empty(read.Problems);
        Assert.Equal(["R-1", "R-2", "R-3", "R-4"], read.Rules.Select(r => r.Id));
        Assert.Equal([RuleOutcome.Approve, RuleOutcome.Allow, RuleOutcome.Allow, RuleOutcome.Deny], read.Rules.Select(r => r.Outcome));
        Assert.Equal(["group:leads", "user:dana@example.com"], read.Rules[0].Approvers);
        Assert.Equal((Consequence.High, true, TimeSpan.FromMinutes(15), "Above the limit"), (read.Rules[0].Consequence, read.Rules[0].Reversible, read.Rules[0].Sla, read.Rules[0].Note));
        Assert.Equal((Consequence.Low, true, MatrixRule.DefaultSla, 0), (read.Rules[1].Consequence, read.Rules[1].Reversible, read.Rules[1].Sla, read.Rules[1].Approvers.Count));
        Assert.Empty(read.Rules[2].When);
        Assert.Null(read.Default);
    }

    [Theory]
    [InlineData("2 of leads, dana@example.com", "approvers\":[\"group:leads\",\"user:dana@example.com\"],\"quorum\":2")]
    [InlineData("leads then Dana", "approvers\":[\"group:leads\",\"user:dana@example.com\"],\"quorum\":2,\"order\":\"sequence\"")]
    [InlineData("\"now then go\"", "approvers\":[\"now then go\"]")]
    public void Read_ApproversAsTheyAreTypedIntoTheGrid(string cell, string wire)
    {
        var read = MatrixSheet.Read([["action", "outcome", "approvers"], ["mail.send", "ask", cell]], knows: name => name == "Dana" ? "user:dana@example.com" : null);
        Assert.Contains(wire, MatrixJson.ToJson(read.Document));
    }

    [Fact]
    public void ToRows_ANameThatReadsLikeSeveral_StandsInQuotes()
    {
        var doc = new MatrixDocument { Rules = [new() { Id = "R-1", Action = "mail.send", Outcome = RuleOutcome.Approve, Approvers = ["group:now then go", "group:2 of us", "group:a → b"], EscalateTo = ["group:both of them"], OnExpiry = OnExpiry.Escalate }] };
        Assert.Equal(MatrixJson.ToJson(doc), MatrixJson.ToJson(MatrixSheet.Read(MatrixSheet.ToRows(doc)).Document));
    }

    [Fact]
    public void Read_WithAKindColumn_NeverIsABoundary()
    {
        var read = Read("kind\taction\toutcome\treason\nboundary\tpayment.*\t\tout of bounds\n\tcrm.delete\tnever\t\n\tmail.send\task\t\nDefault\t\tapprove\t");
        Assert.Empty(read.Problems);
        Assert.Equal(["payment.*", "crm.delete"], read.Boundaries.Select(b => b.Action));
        Assert.Equal("out of bounds", read.Boundaries[0].Reason);
        Assert.Equal("mail.send", Assert.Single(read.Rules).Action);
        Assert.Equal(DefaultOutcome.Approve, read.Document.Default);
    }

    [Fact]
    public void Read_WithoutHeadings_TakesTheFirstColumns()
    {
        var read = Read("A-1\trefund.create\tamount > 5\tapprove\tgroup:leads\tsee the policy\n\tmail.send\t\tdeny\n", "R-7", "x");
        Assert.Empty(read.Problems);
        Assert.Equal(["A-1", "R-8"], read.Rules.Select(r => r.Id));
        Assert.Equal(("refund.create", 1, "see the policy"), (read.Rules[0].Action, read.Rules[0].When.Count, read.Rules[0].Note));
    }

    [Fact]
    public void Read_BadRows_AreNamedAndTheGoodOnesKept()
    {
        var read = Read("""
            id	action	when	outcome	approvers	sla	quorum	colour
            R-1	refund.create	amount >	approve	leads	15 min	1	red
            R-2	refund create	amount > 5	perhaps	leads	soon	two	
            R-3	mail.send		approve	leads	PT0S	1	
            R-4	mail.send						
            R-5	mail.send		approve	leads	PT1H	2 of 3	
            R 6	mail.send		deny				
            			deny				
            """);
        Assert.Equal("R-5", Assert.Single(read.Rules).Id);
        Assert.Equal(2, read.Rules[0].Quorum);
        Assert.Equal(["1 colour", "2 when", "3 outcome", "3 quorum", "3 sla", "4 sla", "5 outcome", "7 id", "8 action"], read.Problems.Select(p => $"{p.Row} {p.Column}").Order(StringComparer.Ordinal));
        Assert.All(read.Problems, p => Assert.True(p.Message.Length > 20, p.Message));
        Assert.Contains("not with what", Of(2, "when"));
        Assert.Contains("write one of: allow (the agent alone)", Of(3, "outcome"));
        Assert.Contains("from PT1S", Of(4, "sla"));
        Assert.Contains("letters, digits", Of(7, "id"));
        Assert.Contains("such as refund.create", Of(8, "action"));
        Assert.Contains("its cells are not read", Of(1, "colour"));

        string Of(int row, string column) => Assert.Single(read.Problems, p => p.Row == row && p.Column == column).Message;
    }

    [Theory]
    [InlineData("kind\taction\toutcome\tapprovers\nboundary\tx\t\tleads", "A boundary has no approvers")]
    [InlineData("kind\taction\toutcome\nboundary\tx\tallow", "never crossed")]
    [InlineData("kind\taction\toutcome\ndefault\t\tallow", "deny, approve")]
    [InlineData("kind\taction\toutcome\ndefault\t\t", "deny or approve")]
    [InlineData("kind\taction\toutcome\ndefault\t\tdeny\ndefault\t\tdeny", "a second time")]
    [InlineData("kind\taction\toutcome\ndefault\tx\tdeny", "has no action")]
    [InlineData("kind\taction\toutcome\nmagic\tx\tdeny", "rule, boundary, default")]
    [InlineData("action\toutcome\tconditions\twhen\nx\tdeny\t\t", "a second time")]
    [InlineData("action\toutcome\nx\tdeny\tmore", "beyond the last column")]
    [InlineData("action\toutcome\tnote\treason\nx\tdeny\ta\tb", "none has both")]
    [InlineData("action\toutcome\tclasses\nx\tdeny\tfun", "must be one of: customer")]
    [InlineData("action\toutcome\tquorum\nx\tdeny\t0", "whole number from 1")]
    public void Read_WhatCannotBe_SaysWhatToDo(string tabs, string says) => Assert.Contains(says, Assert.Single(Read(tabs).Problems).Message);

    [Theory]
    [InlineData("a\tb\r\nc\td\r\n", "a|b/c|d")]
    [InlineData("\"a\nb\"\t\"say \"\"hi\"\"\"\nc", "a\nb|say \"hi\"/c")]
    [InlineData("\"quoted\" first\tx", "\"quoted\" first|x")]
    [InlineData("\"never closed\tx\ny", "\"never closed|x/y")]
    [InlineData("a\t\t\n\t\n", "a||/|")]
    [InlineData("a\t", "a|")]
    [InlineData("\"\"\tx", "|x")]
    [InlineData("", "")]
    public void FromTabs_IsWhatSpreadsheetsCopy(string text, string cells) => Assert.Equal(cells, string.Join('/', MatrixSheet.FromTabs(text).Select(r => string.Join('|', r))));

    [Fact]
    public void Read_CurlyQuotes_AreQuotes_AndAnyTextIsReadOrRefused()
    {
        var read = Read("action\twhen\toutcome\nmail.send\tany of to ends with “@acme.com”\tdeny");
        Assert.Equal("\"@acme.com\"", read.Rules[0].When[0].Value!.Value.GetRawText());
        Assert.Contains("no text", Assert.Single(Read($"action\toutcome\tnote\nx\tdeny\ta{(char)0xD800}").Problems).Message);
        string[] pieces = ["\t", "\n", "\"", "kind", "action", "outcome", "when", "deny", "allow", "boundary", "default", "refund.create", "amount > 5", "x", " ", ",", "\ud800", "\0", "-", "PT1H", "sla", "id", "R-2147483647", "✓"];
        MatrixGenerators.Holds(FsCheck.Fluent.Gen.SelectMany(FsCheck.Fluent.Gen.Choose(0, 30), n => FsCheck.Fluent.Gen.ArrayOf(FsCheck.Fluent.Gen.Elements(pieces), n)), some =>
        {
            var sheet = Read(string.Concat(some));
            return MatrixJson.Parse(System.Text.Json.JsonElement.Parse(MatrixJson.ToJson(sheet.Document))).Ok;
        }, 5_000);
    }
}
