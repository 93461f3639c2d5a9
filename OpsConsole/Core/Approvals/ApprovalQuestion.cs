using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Approvals;

/// <summary>A question that somebody who decides asked back, and its answer. What the agent answers is as untrusted as what it asked with.</summary>
public sealed class ApprovalQuestion
{
    private ApprovalQuestion() { }

    public ApprovalQuestion(string id, long approvalSeq, Turn to, string text, string askedBy, DateTimeOffset at)
        => (Id, ApprovalSeq, To, Text, AskedBy, AskedAt) = (id, approvalSeq, to, text, askedBy, at);

    public string Id { get; private set; } = "";
    public long ApprovalSeq { get; private set; }
    /// <summary>Never <see cref="Turn.Approvers"/>.</summary>
    public Turn To { get; private set; }
    public string Text { get; private set; } = "";
    /// <summary>A person's id.</summary>
    public string AskedBy { get; private set; } = "";
    public DateTimeOffset AskedAt { get; private set; }
    public string? Answer { get; private set; }
    /// <summary>The agent's id, or that of the person who owned it then.</summary>
    public string? AnsweredBy { get; private set; }
    public DateTimeOffset? AnsweredAt { get; private set; }

    internal void Take(string answer, string by, DateTimeOffset at) => (Answer, AnsweredBy, AnsweredAt) = (answer, by, at);
}

/// <summary>
/// Asking back: one question at a time, to the agent or to its owner, while the clock goes on. Whose turn it is says who is waited for; it takes nobody's right to decide.
/// </summary>
public static class AskBack
{
    public const int LongestQuestion = 2_000, LongestAnswer = 4_000, MostQuestions = 20;

    /// <summary>Whether a question may be asked now. Faults: <c>approval.decided</c>, <c>approval.expired</c>, <c>approval.stale</c>, <c>approval.question_open</c>, <c>approval.too_many_questions</c>.</summary>
    /// <param name="asked">All questions about this request so far.</param>
    public static Fault? MayAsk(ApprovalRequest request, IReadOnlyList<ApprovalQuestion> asked, long? version, DateTimeOffset now)
    {
        if (ApprovalRules.MayEdit(request, version, now) is { } refused) return refused;
        if (asked.Any(q => q.AnsweredAt is null)) return Fault.Conflict("approval.question_open", "A question about this is still open. Wait for its answer, or decide.");
        return asked.Count < MostQuestions ? null : Fault.Conflict("approval.too_many_questions", $"{MostQuestions} questions were asked about this already. Decide it: what cannot be judged can be rejected with words.");
    }

    /// <summary>Now it is their turn. After <see cref="MayAsk"/>.</summary>
    public static void Ask(ApprovalRequest request, ApprovalQuestion question) => request.Give(question.To, question.AskedAt);

    /// <summary>Takes an answer, and it is the approvers' turn again. The same answer again is success (false: nothing changed).</summary>
    /// <returns>Faults: <c>question.answered</c> for a different answer, <c>approval.decided</c>, <c>approval.expired</c>.</returns>
    public static Result<bool> Answer(ApprovalRequest request, ApprovalQuestion question, string answer, string by, DateTimeOffset now)
    {
        if (question.AnsweredAt is not null) return question.Answer == answer ? false : Fault.Conflict("question.answered", "This question was answered already, in other words; the first answer stands.");
        if (ApprovalRules.NotWaiting(request, now) is { } over) return over with { Detail = null };
        question.Take(answer, by, now);
        request.Give(Turn.Approvers, now);
        return true;
    }
}
