// A chart as PNG, twice as fine as on the screen, on the page's own ground.
export async function savePicture(chart, frame, ground) {
  const picture = new Image();
  picture.src = chart.getDataURL({ type: "svg", backgroundColor: ground });
  await picture.decode();
  const canvas = document.createElement("canvas");
  canvas.width = chart.getWidth() * 2;
  canvas.height = chart.getHeight() * 2;
  const pen = canvas.getContext("2d");
  pen.fillStyle = ground;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const link = document.createElement("a");
  link.href = canvas.toDataURL("image/png");
  link.download = `${frame.dataset.name || "zhulian"}.png`;
  link.click();
}
