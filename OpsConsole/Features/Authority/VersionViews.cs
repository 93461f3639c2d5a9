using System.Text.Json.Serialization;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Authority;

/// <summary>A cell before and after, in words; null where nothing stands.</summary>
public sealed record FieldChangeView(string Field, [property: JsonIgnore] string Title, string? Old, string? New);

/// <summary>One difference between two matrices.</summary>
/// <param name="Kind"><c>added</c>, <c>removed</c>, <c>moved</c>, <c>changed</c>; the same with <c>boundary_</c>; <c>default_changed</c>.</param>
/// <param name="Direction"><c>loosens</c>, <c>tightens</c> (only said when no call can be answered more loosely), or <c>other</c>.</param>
public sealed record ChangeView(string Kind, string? Rule, string Words, ChangeEffect Direction, IReadOnlyList<FieldChangeView> Fields)
{
    internal static ChangeView Of(MatrixChange c) => new(c.Kind, c.Rule, c.Words, c.Effect, [.. c.Fields.Select(f => new FieldChangeView(f.Field, f.Title, f.Old, f.New))]);
}

/// <summary>What <c>GET rollouts/{id}/matrix/diff</c> answers.</summary>
/// <param name="From">What was asked for: <c>draft</c> or the number of a version; <c>nothing</c> where none is in force.</param>
public sealed record DiffView(string From, string To, IReadOnlyList<ChangeView> Changes, string Summary);

/// <summary><c>POST rollouts/{id}/matrix/restore</c>.</summary>
public sealed record RestoreRequest(int Version)
{
    internal static RestoreRequest Read(Fields fields)
    {
        fields.Any("version", required: true);
        return new((int)(fields.Whole("version", 1, int.MaxValue) ?? 0));
    }
}

/// <summary>What somebody answered to a request that a version of the matrix decided. Answers that an edit dropped are left out: they decided nothing.</summary>
/// <param name="Rule">The row that governs the request.</param>
/// <param name="Verdict"><c>approved</c>, <c>edited</c> or <c>rejected</c>.</param>
public sealed record AnswerView(string Rule, string Person, string PersonName, string Verdict, string ApprovalId, string DecisionId, string Action, DateTimeOffset At, bool BreakGlass);

/// <summary>What one person answered under one row.</summary>
/// <param name="Latest">The newest, at most five.</param>
public sealed record AnswerGroup(string Rule, string PersonName, int Approved, int Edited, int Rejected, IReadOnlyList<AnswerView> Latest);

/// <summary>Who approved what under a version.</summary>
/// <param name="Counted">How many answers the groups are made of: the newest.</param>
/// <param name="More">There are older ones that were not counted.</param>
public sealed record AnswersView(int Version, IReadOnlyList<AnswerGroup> Groups, int Counted, bool More);

/// <summary>What the page of the versions shows beside a comparison and the answers.</summary>
public sealed record VersionsView(string RolloutName, Wire.Page<VersionRow> Versions, long DraftVersion, bool MayEdit, bool MayPublish, ProposalView? Proposal);
