using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Features.Decisions;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Approvals;

/// <summary>A question back, instead of a verdict.</summary>
/// <param name="To"><see cref="Turn.Agent"/> or <see cref="Turn.Owner"/>.</param>
/// <param name="Version">The version the person looked at; null skips that check.</param>
public sealed record AskBackRequest(string Text, Turn To, long? Version);

/// <summary>Asking the agent or its owner back, and the owner's answers; the agent's come in through <see cref="DecisionService"/>.</summary>
public sealed class AskBackDesk(DurableWriter writer, IDbContextFactory<OpsDbContext> factory)
{
    /// <summary>
    /// Asks, and makes it their turn; the clock goes on. The same question by the same person again is success. Faults: <c>field.invalid</c>, not found, <c>approval.not_decider</c>, <c>approval.not_your_turn</c> (403),
    /// <c>approval.decided</c>, <c>approval.expired</c>, <c>approval.stale</c>, <c>approval.question_open</c>, <c>approval.too_many_questions</c> (409).
    /// </summary>
    public async Task<Result<ApprovalView>> AskAsync(PersonCaller me, string approvalId, AskBackRequest request, CancellationToken ct)
    {
        if (TextRules.Wrong("reason", request.Text, AskBack.LongestQuestion, required: true) is { } wrong) return wrong;
        var asked = await writer.ChangeAsync<long>(async (scope, ct) =>
        {
            var found = await FoundRequest.FindAsync(scope, me, approvalId, ct);
            if (found.Fault is { } hidden) return hidden;
            if (found.Value.NotDecider is { } refused) return refused;
            var (approval, d) = (found.Value.Approval, found.Value.Decision);
            var earlier = await scope.Db.ApprovalQuestions.Where(q => q.ApprovalSeq == approval.Seq).ToListAsync(ct);
            if (approval.Open && earlier.Any(q => q.AnsweredAt is null && q.AskedBy == me.Id && q.Text == request.Text && q.To == request.To)) return approval.Seq;
            if (AskBack.MayAsk(approval, earlier, request.Version, scope.Now) is { } fault) return fault with { Detail = null };
            var question = new ApprovalQuestion(Secrets.NewId("qst"), approval.Seq, request.To, request.Text, me.Id, scope.Now);
            scope.Db.ApprovalQuestions.Add(question);
            AskBack.Ask(approval, question);
            scope.Audit(me.Actor, "approval.asked_back", approval.Id, new { question = question.Id, to = DecisionWire.Word(request.To), owner = request.To == Turn.Owner ? found.Value.Agent.OwnerId : null }, new { question = request.Text }, d.RolloutId, d.Seq);
            scope.Signal("approvals");
            scope.Signal("decision:" + d.Id);
            return approval.Seq;
        });
        return await ApprovalView.AfterAsync(asked, factory, writer.State, me, writer.Now, ct);
    }

    /// <summary>The owner's answer to a question that was asked of the owner. The same answer again is success. Faults: <c>field.invalid</c>, not found, <c>question.not_yours</c> (403), <c>question.answered</c>, <c>approval.decided</c>, <c>approval.expired</c> (409).</summary>
    public async Task<Result<ApprovalView>> AnswerAsync(PersonCaller me, string approvalId, string questionId, string answer, CancellationToken ct)
    {
        if (TextRules.Wrong("answer", answer, AskBack.LongestAnswer, required: true) is { } wrong) return wrong;
        var answered = await writer.ChangeAsync<long>(async (scope, ct) =>
        {
            var found = await FoundRequest.FindAsync(scope, me, approvalId, ct);
            if (found.Fault is { } hidden) return hidden;
            if (found.Value.Agent.OwnerId != me.Id) return Fault.Forbidden("Only the agent's owner answers what is asked of the owner.", "question.not_yours");
            var taken = await Answering.TakeAsync(scope, found.Value.Approval, found.Value.Decision, questionId, Turn.Owner, me.Id, me.Actor, answer, ct);
            return taken.Fault is { } fault ? fault : found.Value.Approval.Seq;
        });
        return await ApprovalView.AfterAsync(answered, factory, writer.State, me, writer.Now, ct);
    }
}
