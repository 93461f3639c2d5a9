using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Workshop;

/// <summary>Readiness diagnostics. Everybody may go through one; it shows to whoever did and to those who see every rollout. Topic <c>diagnostics</c>.</summary>
internal sealed class DiagnosticDesk(DurableWriter writer, IDbContextFactory<OpsDbContext> factory)
{
    public const string Topic = "diagnostics";
    private const int Compared = 500;
    private const string Creators = "Rollouts are created by facilitators and admins. Show them this page.";

    public static QuestionsView Questions { get; } = new([.. DiagnosticQuestions.All.Select(q => new QuestionView(q.Id, q.Area, q.Text, q.Answers))],
        [.. DiagnosticQuestions.Candidate.Select(q => new QuestionView(q.Id, null, q.Text, q.Answers))], [.. DiagnosticQuestions.Words.Select(w => new QuestionView(w.Id, null, w.Text, []))]);

    /// <summary>Newest first; <c>after</c> is the id of a run.</summary>
    public async Task<Result<Wire.Page<DiagnosticRow>>> ListAsync(PersonCaller caller, PageQuery page, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Me(state, caller) is not { Ok: true, Value: var me }) return Fault.NotFound("person");
        await using var db = await factory.CreateDbContextAsync(ct);
        var runs = Visible(db, me);
        if (page.After is { } after)
        {
            if (await runs.SingleOrDefaultAsync(r => r.Id == after, ct) is not { } last) return Fault.Invalid("field.invalid", "after must be the 'next' of the page before.", "after");
            runs = runs.Where(r => r.At < last.At || (r.At == last.At && r.Id.CompareTo(last.Id) < 0));
        }
        var rows = await runs.OrderByDescending(r => r.At).ThenByDescending(r => r.Id).Take(page.Limit + 1).ToListAsync(ct);
        return Wire.PageOf(rows, page.Limit, r => r.Id, r => new DiagnosticRow(r.Id, r.Subject, state.Directory.NameOf(r.By), r.At, DiagnosticScore.Of(r.Answers).Value.Percent, Begun(r, me, state)));
    }

    public async Task<Result<DiagnosticView>> GetAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Me(state, caller) is not { Ok: true, Value: var me }) return Fault.NotFound("diagnostic");
        await using var db = await factory.CreateDbContextAsync(ct);
        if (await Visible(db, me).SingleOrDefaultAsync(r => r.Id == id, ct) is not { } run) return Fault.NotFound("diagnostic");
        var score = DiagnosticScore.Of(run.Answers).Value;
        var before = (await Visible(db, me).Where(r => r.At < run.At).OrderByDescending(r => r.At).Take(Compared).ToListAsync(ct)).FirstOrDefault(r => Same(r.Subject, run.Subject));
        return new DiagnosticView(run.Id, run.Subject, state.Directory.NameOf(run.By), run.At, score.Percent, score.Areas, score.Closest is { } mode ? DiagnosticQuestions.Of(mode) : null, score.Candidates, score.Pilot, score.First,
            before is null ? null : Change(before, score), Begun(run, me, state), run.Answers);
    }

    /// <summary>Keeps a run; its id. Faults: those of <see cref="DiagnosticScore.Of"/>, <c>field.invalid</c> (subject).</summary>
    public async Task<Result<string>> RunAsync(PersonCaller caller, DiagnosticRequest request)
    {
        if (TextRules.Wrong("subject", request.Subject, DiagnosticRequest.MaxSubject, required: true) is { } wrong) return wrong;
        if (DiagnosticScore.Of(request.Answers).Fault is { } unanswered) return unanswered;
        return await writer.ChangeAsync<string>((scope, _) =>
        {
            if (Sight.Me(scope.State, caller).Fault is { } gone) return Task.FromResult<Result<string>>(gone);
            var run = new DiagnosticRun(Secrets.NewId("dia"), request.Subject.Trim(), caller.Id, scope.Now, request.Answers);
            scope.Db.Diagnostics.Add(run);
            scope.Audit(caller.Actor, "diagnostic.run", run.Id, new { questions = request.Answers.Count }, new { subject = run.Subject, answers = run.Answers });
            scope.Signal(Topic);
            return Task.FromResult<Result<string>>(run.Id);
        });
    }

    public Fault? MayBegin(PersonCaller caller) => Sight.Me(writer.State, caller) is { Ok: true, Value: var me } && Permissions.MayCreateRollout(me) ? null : Fault.Forbidden(Creators);

    /// <summary>Creates a rollout whose launch canvas begins with what was said, and whose parking lot has what to settle first. Faults: not found, forbidden, <c>field.invalid</c>.</summary>
    public async Task<Result<BegunView>> BeginAsync(PersonCaller caller, string id, BeginRequest request, CancellationToken ct)
    {
        var run = await GetAsync(caller, id, ct);
        if (run.Fault is { } hidden) return hidden;
        if (MayBegin(caller) is { } forbidden) return forbidden;
        var zone = string.IsNullOrWhiteSpace(request.TimeZone) ? "UTC" : request.TimeZone.Trim();
        if ((TextRules.Wrong("name", request.Name, CopyRequest.MaxName, required: true) ?? TextRules.Wrong("purpose", request.Purpose, CopyRequest.MaxPurpose)) is { } wrong) return wrong;
        if (!IanaZone.IsKnown(zone)) return Fault.Invalid("field.invalid", "time_zone must be an IANA zone such as Europe/Berlin.", "time_zone");
        return await writer.ChangeAsync<BegunView>(async (scope, stop) =>
        {
            if (Sight.Me(scope.State, caller) is not { Ok: true, Value: var me } || !Permissions.MayCreateRollout(me)) return Fault.Forbidden(Creators);
            var rollout = new Rollout(Secrets.NewId("rol"), request.Name.Trim(), request.Purpose?.Trim() ?? "", zone, scope.Now, caller.Id);
            scope.Db.Rollouts.Add(rollout);
            scope.Db.Members.Add(new RolloutMember(rollout.Id, caller.Id, RolloutRole.RolloutOwner, false));
            scope.Audit(caller.Actor, "rollout.created", rollout.Id, new { time_zone = zone, rollout_owner = caller.Id, diagnostic = id }, new { name = rollout.Name, purpose = rollout.Purpose }, rollout.Id);
            (await scope.Db.Diagnostics.SingleAsync(d => d.Id == id, stop)).Began(rollout.Id);
            await scope.Db.SaveChangesAsync(stop);
            var texts = Texts(run.Value);
            if (texts.Count > 0 && (await PatchWriter.PutAsync(scope, caller, rollout.Id, StartDesk.Requests(texts, []), stop, fresh: true)).Fault is { } refused) return refused;
            scope.AuthorityChanged();
            scope.Signal(Topic);
            return new BegunView(rollout.Id, rollout.Name, id);
        });
    }

    /// <summary>What a rollout begins with.</summary>
    internal static IReadOnlyList<(FieldKey Field, string Text)> Texts(DiagnosticView run)
    {
        var said = DiagnosticQuestions.Words.Select(w => (w.Field, Text: run.Answers.GetValueOrDefault(w.Id, ""))).ToDictionary(w => w.Field, w => w.Text.Trim());
        if (said["workflow"].Length == 0) said["workflow"] = run.Pilot ?? "";
        // What is one line on the canvas is one line here.
        foreach (var field in (string[])["workflow", "output"]) said[field] = said[field].ReplaceLineEndings(" ");
        return [.. said.Where(s => s.Value.Length > 0).Select(s => (new FieldKey("canvas", null, s.Key), s.Value)),
            .. WorkedSheets.Texts("parking", run.First.Select((f, i) => new StartRow($"first-{i + 1}", new Dictionary<string, string> { ["text"] = f.Text, ["where"] = f.Where })))];
    }

    private static IQueryable<DiagnosticRun> Visible(OpsDbContext db, PersonEntry me)
    {
        var runs = db.Diagnostics.AsNoTracking();
        return Permissions.SeesAll(me) ? runs : runs.Where(r => r.By == me.Id);
    }

    private static DiagnosticChange Change(DiagnosticRun before, DiagnosticScore now)
    {
        var then = DiagnosticScore.Of(before.Answers).Value;
        var was = then.Areas.ToDictionary(a => a.Area, a => a.Percent, StringComparer.Ordinal);
        return new(before.Id, before.At, now.Percent - then.Percent, [.. now.Areas.Select(a => new AreaScore(a.Area, a.Percent - was[a.Area])).Where(a => a.Percent != 0)]);
    }

    private static string? Begun(DiagnosticRun run, PersonEntry me, ConsoleState state) => run.RolloutId is { } id && state.Rollouts.TryGetValue(id, out var rollout) && Permissions.MaySee(me, rollout, state.Directory) ? id : null;

    private static bool Same(string one, string other) => string.Equals(one.Trim(), other.Trim(), StringComparison.OrdinalIgnoreCase);
}
