using OpsConsole.Core.Authority;
using OpsConsole.Tests.Core.Authority;

namespace OpsConsole.Features.Authority.Ui;

public sealed class DraftEditorTests
{
    private static MatrixRule Rule(string id) => new() { Id = id, Action = "refund.create", Outcome = RuleOutcome.Approve, Approvers = ["group:leads"] };

    private static DraftEditor Sheet(params string[] ids) => new(new MatrixDocument { Rules = [.. ids.Select(Rule)] }, _ => null);

    private static string Ids(DraftEditor editor) => string.Join(' ', editor.Rules.Select(r => r.Row.Id));

    [Fact]
    public void Rows_are_added_duplicated_moved_and_removed_and_all_of_it_undone()
    {
        var editor = Sheet("R-1", "R-2", "R-3");
        var added = editor.AddRule(editor.Rules[0].Key);
        editor.Move(editor.Rules[3].Key, 0);
        editor.Duplicate(editor.Rules[1].Key);
        editor.Remove(editor.Rules[4].Key);
        Assert.Equal("R-3 R-1 R-5 R-4", Ids(editor));
        Assert.Equal(1, editor.EmptyRows);
        Assert.Equal(3, editor.Document.Rules.Count);   // the new row says nothing yet
        Assert.Null(editor.Type(added, RuleColumn.Action, "order.get"));
        Assert.Equal(4, editor.Document.Rules.Count);
        for (var i = 0; i < 5; i++) editor.Undo();
        Assert.Equal("R-1 R-2 R-3", Ids(editor));
        Assert.False(editor.MayUndo);
        for (var i = 0; i < 5; i++) editor.Redo();
        Assert.Equal("R-3 R-1 R-5 R-4", Ids(editor));
    }

    [Fact]
    public void Boundaries_take_the_same_verbs()
    {
        var editor = new DraftEditor(new MatrixDocument { Boundaries = [new() { Action = "payment.*" }, new() { Action = "mail.*" }], Rules = [Rule("R-1")] }, _ => null);
        var first = editor.Boundaries[0].Key;
        var copy = editor.Duplicate(first)!.Value;
        editor.Move(copy, 9);
        editor.Remove(first);
        Assert.Equal("mail.* payment.*", string.Join(' ', editor.Boundaries.Select(b => b.Row.Action)));
        Assert.Equal((1, 0, -1), (editor.IndexOf(copy), editor.IndexOf(editor.Rules[0].Key), editor.IndexOf(first)));
        Assert.Null(editor.Duplicate(first));
        for (var i = 0; i < 3; i++) editor.Undo();
        editor.Move(editor.Boundaries[0].Key, -1);   // it is the first already
        Assert.False(editor.MayUndo);
        Assert.Equal("payment.* mail.*", string.Join(' ', editor.Boundaries.Select(b => b.Row.Action)));
    }

    [Fact]
    public void What_is_not_understood_stays_in_its_cell_and_the_row_keeps_what_it_said()
    {
        var editor = Sheet("R-1");
        var key = editor.Rules[0].Key;
        Assert.Contains("not with what", editor.Type(key, RuleColumn.When, "amount >"));
        Assert.Equal("amount >", DraftEditor.TextOf(editor.Rules[0], RuleColumn.When));
        Assert.Equal(new LostCell("R-1", "When", "amount >", editor.Lost[0].Problem), Assert.Single(editor.Lost));
        Assert.Empty(editor.Document.Rules[0].When);
        Assert.Null(editor.Type(key, RuleColumn.When, "amount > 5"));
        Assert.Empty(editor.Lost);
        Assert.Single(editor.Document.Rules[0].When);
    }

    [Fact]
    public void Somebody_elses_save_keeps_keys_unfinished_rows_and_unread_texts()
    {
        var editor = Sheet("R-1", "R-2");
        var (first, second) = (editor.Rules[0].Key, editor.Rules[1].Key);
        editor.Type(second, RuleColumn.When, "amount >");
        var mine = editor.AddRule(null);
        var began = editor.Document;
        editor.TakeOver(new MatrixDocument { Rules = [Rule("R-2"), Rule("R-3"), Rule("R-1") with { Note = "theirs" }] }, began);
        Assert.Equal("R-2 R-4 R-3 R-1", Ids(editor));   // the unfinished row stays behind the one it stood behind, and gives way to the name that is taken
        Assert.Equal((second, mine, first), (editor.Rules[0].Key, editor.Rules[1].Key, editor.Rules[3].Key));
        Assert.Equal(4, editor.Rules.Select(r => r.Key).Distinct().Count());
        Assert.Equal("amount >", DraftEditor.TextOf(editor.Rules[0], RuleColumn.When));
        Assert.False(editor.MayUndo);
    }

    [Fact]
    public void A_row_that_loses_its_action_does_not_leave_the_draft()
    {
        var editor = Sheet("R-1");
        Assert.Contains("needs an action", editor.Type(editor.Rules[0].Key, RuleColumn.Action, " "));
        Assert.Equal("refund.create", Assert.Single(editor.Document.Rules).Action);
    }

    [Fact]
    public void What_somebody_wrote_into_an_open_cell_is_not_overwritten_unseen()
    {
        var editor = Sheet("R-1");
        var key = editor.Rules[0].Key;
        editor.TakeOver(new MatrixDocument { Rules = [Rule("R-1") with { Note = "theirs" }] }, editor.Document);
        Assert.Contains("somebody wrote “theirs”", editor.Type(key, RuleColumn.Note, "mine", began: ""));
        Assert.Equal(("theirs", "mine"), (editor.Document.Rules[0].Note, DraftEditor.TextOf(editor.Rules[0], RuleColumn.Note)));
        Assert.Null(editor.Type(key, RuleColumn.Note, "mine", began: "mine"));   // opened and confirmed
        Assert.Equal("mine", editor.Document.Rules[0].Note);
    }

    [Fact]
    public void A_boundary_that_somebody_changed_is_the_same_row_and_keeps_its_texts()
    {
        var editor = new DraftEditor(new MatrixDocument { Boundaries = [new() { Action = "mail.*" }, new() { Action = "payment.*", Reason = "v1" }] }, _ => null);
        var (mail, key) = (editor.Boundaries[0].Key, editor.Boundaries[1].Key);
        editor.Type(key, BoundaryColumn.When, "amount >");
        editor.TakeOver(new MatrixDocument { Boundaries = [new() { Action = "payment.*", Reason = "theirs" }, new() { Action = "mail.*" }] }, editor.Document);
        Assert.Equal([key, mail], editor.Boundaries.Select(b => b.Key));
        Assert.Equal("amount >", Assert.Single(editor.Lost).Text);
        Assert.Contains("somebody wrote “theirs”", editor.Type(key, BoundaryColumn.Reason, "mine", began: "v1"));
        Assert.Equal(("theirs", "mine"), (editor.Document.Boundaries[0].Reason, DraftEditor.TextOf(editor.Boundaries[0], BoundaryColumn.Reason)));
        Assert.Null(editor.Type(key, BoundaryColumn.Reason, "mine", began: "mine"));
        Assert.Null(editor.Type(mail, BoundaryColumn.Reason, "mine", began: ""));   // nobody wrote there
        Assert.Equal(["mine", "mine"], editor.Document.Boundaries.Select(b => b.Reason));
    }

    [Fact]
    public void What_was_typed_into_a_row_that_somebody_took_away_is_kept_until_it_is_let_go()
    {
        var editor = new DraftEditor(new MatrixDocument { Boundaries = [new() { Action = "payment.*" }], Rules = [Rule("R-1"), Rule("R-2")] }, _ => null);
        var (boundary, first, second) = (editor.Boundaries[0].Key, editor.Rules[0].Key, editor.Rules[1].Key);
        editor.Type(second, RuleColumn.When, "amount >");
        editor.TakeOver(new MatrixDocument { Rules = [Rule("R-9") with { Note = "another row now" }] }, editor.Document);
        Assert.Contains("Somebody removed the row", editor.Type(first, RuleColumn.Note, "mine", began: ""));
        Assert.NotNull(editor.Type(second, RuleColumn.When, "amount >", began: "amount >"));   // the cell was open with it, and it is kept once
        Assert.NotNull(editor.Type(boundary, BoundaryColumn.Reason, "never", began: ""));
        Assert.Null(editor.Type(first, RuleColumn.Action, "", began: "refund.create"));   // nothing to keep
        Assert.Equal([("R-2", "When", "amount >"), ("R-1", "Note", "mine"), ("Boundary on payment.*", "Reason", "never")], editor.Homeless.Select(h => (h.Row, h.Column, h.Text)));
        Assert.Equal(editor.Homeless, editor.Unsaved);
        Assert.Empty(editor.Lost);   // no draft's error: it may be published
        editor.LetGo();
        Assert.Empty(editor.Unsaved);
    }

    [Fact]
    public void Another_document_brings_its_own_texts()
    {
        var editor = Sheet("R-1");
        editor.Type(editor.Rules[0].Key, RuleColumn.When, "amount >");
        editor.Put(new MatrixDocument { Rules = [Rule("R-1") with { Note = "imported" }] });
        Assert.Empty(editor.Lost);
        editor.Undo();
        Assert.Single(editor.Lost);
    }

    [Fact]
    public void Pasted_rows_come_below_and_never_take_an_id()
    {
        var editor = Sheet("R-1", "R-2");
        editor.Paste([new Boundary { Action = "payment.*" }], [Rule("R-2"), Rule("R-7")], editor.Rules[0].Key);
        Assert.Equal("R-1 R-3 R-7 R-2", Ids(editor));
        Assert.Single(editor.Boundaries);
        editor.Undo();
        Assert.Equal("R-1 R-2", Ids(editor));
    }

    [Fact]
    public void Any_document_goes_in_and_comes_out_again() => MatrixGenerators.Holds(MatrixGenerators.Document(MatrixGenerators.Condition), d =>
        MatrixJson.ToJson(new DraftEditor(d, _ => null).Document) == MatrixJson.ToJson(d), 200);

    [Fact]
    public void Unsaved_ARowWithoutAnAction_IsLostWithThePage_OnceItSaysSomething()
    {
        var editor = new DraftEditor(MatrixDocument.Empty, _ => null);
        var key = editor.AddRule(null);
        Assert.Empty(editor.Unsaved);
        editor.Type(key, RuleColumn.Note, "ask the risk lead");
        var lost = Assert.Single(editor.Unsaved);
        Assert.Equal(("R-1", "Note", "ask the risk lead"), (lost.Row, lost.Column, lost.Text));
        editor.Type(key, RuleColumn.Action, "refund.create");
        Assert.Empty(editor.Unsaved);
    }
}
